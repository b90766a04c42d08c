using System.Collections.Immutable;
using Cluster.Engine.Errors;
using Cluster.Engine.Limits;
using Cluster.Engine.Runs;
using Cluster.Engine.Storage;

namespace Cluster.Api.Runs;

/// <summary>Reads what clients saw of a run, from its log and those of its members.</summary>
/// <param name="log">The logs, where nobody else reads the same.</param>
/// <param name="records">The records of the members.</param>
/// <param name="logs">The logs, shared by all who read them at a time.</param>
internal sealed class StoredEvents(IRunLogReader log, IRunRecords records, SharedRunLogs logs)
{
    private readonly RunEventReader _reader = new(log, records);

    /// <summary>Opens the public events with their deltas and indexes, as far as they are stored.</summary>
    /// <exception cref="NotFoundException">The run is gone.</exception>
    public async Task<SharedRunLog> OpenAsync(string runId, CancellationToken cancellationToken) =>
        await logs.OpenAsync(runId, cancellationToken) ?? throw RunFence.Missing(runId);

    /// <summary>
    /// Reads the events as run records show them: without deltas and indexes, and none when nobody asked to see them. Only the pauses of a team are always
    /// shown, as in AgentOS.
    /// </summary>
    public async Task<ImmutableArray<ImmutableArray<RunEvent>>> ReadForRecordsAsync(ImmutableArray<(RunOutput Run, bool Streamed)> runs, CancellationToken cancellationToken)
    {
        ImmutableArray<string> streamed = [.. runs.Where(one => one.Streamed).Select(one => one.Run.RunId)];
        ImmutableArray<string> paused = [.. runs.Where(one => one is { Streamed: false, Run: { TeamId: not null, Requirements: not null } }).Select(one => one.Run.RunId)];
        var events = streamed.IsEmpty ? null : await _reader.ReadAsync(streamed, cancellationToken);
        var pauses = paused.IsEmpty ? null : await log.ReadAsync(paused, cancellationToken);
        return
        [
            .. runs.Select(one =>
                one.Streamed ? ToRecord((events?.GetValueOrDefault(one.Run.RunId) ?? []).Where(next => !IsDelta(next)))
                : pauses?.GetValueOrDefault(one.Run.RunId) is { } record ? ToRecord(RunEventLog.ToPublic(record.Events).Where(next => next is RunPaused or RunContinued))
                : []),
        ];
    }

    /// <summary>Reads the events of one run as its record shows them.</summary>
    public async Task<ImmutableArray<RunEvent>> ReadForRecordAsync(RunOutput run, bool streamed, CancellationToken cancellationToken) =>
        (await ReadForRecordsAsync([(run, streamed)], cancellationToken))[0];

    private static bool IsDelta(RunEvent next) => next is RunContent or RunIntermediateContent { TeamId: not null };

    private static ImmutableArray<RunEvent> ToRecord(IEnumerable<RunEvent> events) => [.. events.Select(next => next with { EventIndex = null })];
}
