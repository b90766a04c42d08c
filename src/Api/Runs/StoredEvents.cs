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
    /// Reads the events as run records show them: without deltas and indexes, and only those of the parts of the run whose caller asked to see events. Where a team
    /// waited and where it went on is always shown, as in AgentOS.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="streamed">Whether the caller who started it asked for events.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<ImmutableArray<RunEvent>> ReadForRecordAsync(RunOutput run, bool streamed, CancellationToken cancellationToken)
    {
        var wentOn = WentOn(run);
        if (!(streamed || wentOn))
        {
            return [];
        }

        // Only the log itself tells where a run went on; the events are those that all readers share.
        var record = wentOn ? await log.ReadAsync(run.RunId, cancellationToken) : null;
        using var stored = await logs.OpenAsync(run.RunId, cancellationToken);
        return Show(run, PartsOf(record?.Events ?? [], streamed), stored?.Events ?? []);
    }

    /// <summary>Reads the events of several runs as their records show them, in few questions.</summary>
    /// <param name="runs">The runs, and whether the callers who started them asked for events.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The events by run id. Runs without any are left out.</returns>
    public async Task<IReadOnlyDictionary<string, ImmutableArray<RunEvent>>> ReadForRecordsAsync(
        IReadOnlyList<(RunOutput Run, bool Streamed)> runs, CancellationToken cancellationToken)
    {
        var shown = runs.Where(one => one.Streamed || WentOn(one.Run)).ToDictionary(one => one.Run.RunId, StringComparer.Ordinal);
        if (shown.Count == 0)
        {
            return ImmutableDictionary<string, ImmutableArray<RunEvent>>.Empty;
        }

        var records = await log.ReadAsync([.. shown.Keys], cancellationToken);
        var events = await _reader.ReadAsync(records, cancellationToken);
        return records.ToDictionary(
            record => record.Key,
            record => Show(shown[record.Key].Run, PartsOf(WentOn(shown[record.Key].Run) ? record.Value.Events : [], shown[record.Key].Streamed), events[record.Key]),
            StringComparer.Ordinal);
    }

    private static bool WentOn(RunOutput run) =>
        run.Requirements is not null || run.LastCheckpointAtMessageIndex is not null || (run.TeamId is not null && run.ForkedFromRunId is not null);

    private static ImmutableArray<RunEvent> Show(RunOutput run, List<(long After, bool Streamed)> parts, IEnumerable<RunEvent> events) =>
    [
        .. events.Where(next => !IsDelta(next) && (parts.Last(part => part.After < (next.EventIndex ?? 0)).Streamed || IsNoted(run, next)))
            .Select(next => next with { EventIndex = null }),
    ];

    /// <summary>Gives the parts of a run: behind which event each begins, and whether its events were asked for.</summary>
    private static List<(long After, bool Streamed)> PartsOf(ImmutableArray<RunEvent> events, bool streamed)
    {
        List<(long After, bool Streamed)> parts = [(-1, streamed)];
        var last = -1L;
        foreach (var next in events)
        {
            last = next.IsPublic ? next.EventIndex ?? last : last;
            if (next is AnswersReceived { Streamed: { } answered })
            {
                parts.Add((last, answered));
            }
            else if (next is RunRewound { Streamed: { } rewound })
            {
                parts.Add((last, rewound));
            }
        }

        return parts;
    }

    private static bool IsNoted(RunOutput run, RunEvent next) => run.TeamId is not null && next is (RunPaused or RunContinued) && EventView.IsOf(next, run.RunId);

    private static bool IsDelta(RunEvent next) => next is RunContent or RunIntermediateContent { TeamId: not null };
}
