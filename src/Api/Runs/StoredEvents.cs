using System.Collections.Immutable;
using Cluster.Engine.Errors;
using Cluster.Engine.Limits;
using Cluster.Engine.Runs;
using Cluster.Engine.Storage;

namespace Cluster.Api.Runs;

/// <summary>Reads what clients saw of a run, from its log and those of its members.</summary>
/// <param name="log">The log of one run, where its members do not matter.</param>
/// <param name="logs">The logs, shared by all who read them at a time.</param>
internal sealed class StoredEvents(IRunLogReader log, SharedRunLogs logs)
{
    /// <summary>Opens the public events with their deltas and indexes, as far as they are stored.</summary>
    /// <exception cref="NotFoundException">The run is gone.</exception>
    public async Task<SharedRunLog> OpenAsync(string runId, CancellationToken cancellationToken) =>
        await logs.OpenAsync(runId, cancellationToken) ?? throw RunFence.Missing(runId);

    /// <summary>
    /// Reads the events as run records show them: without deltas and indexes, and none when nobody asked to see them. Only the pauses of a team are always
    /// shown, as in AgentOS.
    /// </summary>
    public async Task<ImmutableArray<RunEvent>> ReadForRecordAsync(RunOutput run, bool streamed, CancellationToken cancellationToken)
    {
        if (streamed)
        {
            using var stored = await logs.OpenAsync(run.RunId, cancellationToken);
            return stored is null ? [] : ToRecord(stored.Events.Where(next => !IsDelta(next)));
        }

        return run is { TeamId: not null, Requirements: not null } && await log.ReadAsync(run.RunId, cancellationToken) is { } record
            ? ToRecord(RunEventLog.ToPublic(record.Events).Where(next => next is RunPaused or RunContinued))
            : [];
    }

    private static bool IsDelta(RunEvent next) => next is RunContent or RunIntermediateContent { TeamId: not null };

    private static ImmutableArray<RunEvent> ToRecord(IEnumerable<RunEvent> events) => [.. events.Select(next => next with { EventIndex = null })];
}
