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
    public async Task<ImmutableArray<ImmutableArray<RunEvent>>> ReadForRecordsAsync(ImmutableArray<(RunOutput Run, bool Streamed)> runs, CancellationToken cancellationToken)
    {
        ImmutableArray<string> streamed = [.. runs.Where(one => one.Streamed).Select(one => one.Run.RunId)];
        ImmutableArray<string> paused = [.. runs.Where(one => one is { Streamed: false, Run: { TeamId: not null, Requirements: not null } }).Select(one => one.Run.RunId)];
        var events = streamed.IsEmpty ? null : await _reader.ReadAsync(streamed, cancellationToken);
        var logs = paused.IsEmpty ? null : await log.ReadAsync(paused, cancellationToken);
        return
        [
            .. runs.Select(one =>
                one.Streamed ? ToRecord((events?.GetValueOrDefault(one.Run.RunId) ?? []).Where(next => !IsDelta(next)))
                : logs?.GetValueOrDefault(one.Run.RunId) is { } record ? ToRecord(RunEventLog.ToPublic(record.Events).Where(next => next is RunPaused or RunContinued))
                : []),
        ];
    }

    /// <summary>Reads the events of one run as its record shows them.</summary>
    public async Task<ImmutableArray<RunEvent>> ReadForRecordAsync(RunOutput run, bool streamed, CancellationToken cancellationToken) =>
        (await ReadForRecordsAsync([(run, streamed)], cancellationToken))[0];

    private static bool IsDelta(RunEvent next) => next is RunContent or RunIntermediateContent { TeamId: not null };

    private static ImmutableArray<RunEvent> ToRecord(IEnumerable<RunEvent> events) => [.. events.Select(next => next with { EventIndex = null })];
}
