using System.Collections.Immutable;
using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>Reads what clients saw of a run, from its log and those of its members.</summary>
/// <param name="log">The logs.</param>
/// <param name="records">The records of the members.</param>
internal sealed class StoredEvents(IRunLogReader log, IRunRecords records)
{
    private readonly RunEventReader _reader = new(log, records);

    /// <summary>Reads the public events with their deltas and indexes, as far as they are stored.</summary>
    public async Task<IReadOnlyList<RunEvent>> ReadAsync(string runId, CancellationToken cancellationToken) => await _reader.ReadAsync(runId, cancellationToken) ?? [];

    /// <summary>
    /// Reads the events as run records show them: without deltas and indexes, and none when nobody asked to see them. Only the pauses of a team are always
    /// shown, as in AgentOS.
    /// </summary>
    public async Task<ImmutableArray<RunEvent>> ReadForRecordAsync(RunOutput run, bool streamed, CancellationToken cancellationToken)
    {
        if (streamed)
        {
            return ToRecord((await ReadAsync(run.RunId, cancellationToken)).Where(next => !IsDelta(next)));
        }

        return run is { TeamId: not null, Requirements: not null } && await log.ReadAsync(run.RunId, cancellationToken) is { } record
            ? ToRecord(RunEventLog.ToPublic(record.Events).Where(next => next is RunPaused or RunContinued))
            : [];
    }

    private static bool IsDelta(RunEvent next) => next is RunContent or RunIntermediateContent { TeamId: not null };

    private static ImmutableArray<RunEvent> ToRecord(IEnumerable<RunEvent> events) => [.. events.Select(next => next with { EventIndex = null })];
}
