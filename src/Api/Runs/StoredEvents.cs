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
    /// Reads the events as run records show them: without deltas and indexes, and only those of the parts of the run whose caller asked to see events. Where a team
    /// waited and where it went on is always shown, as in AgentOS.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="streamed">Whether the caller who started it asked for events.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<ImmutableArray<RunEvent>> ReadForRecordAsync(RunOutput run, bool streamed, CancellationToken cancellationToken)
    {
        var wentOn = run.Requirements is not null || run.LastCheckpointAtMessageIndex is not null || (run.TeamId is not null && run.ForkedFromRunId is not null);
        if (!(streamed || wentOn))
        {
            return [];
        }

        // Only the log itself tells where a run went on; the events are those that all readers share.
        var parts = wentOn && await log.ReadAsync(run.RunId, cancellationToken) is { } record ? PartsOf(record.Events, streamed) : [(-1, streamed)];
        using var stored = await logs.OpenAsync(run.RunId, cancellationToken);
        return
        [
            .. (stored?.Events ?? []).Where(next => !IsDelta(next) && (parts.Last(part => part.After < (next.EventIndex ?? 0)).Streamed || IsNoted(run, next)))
                .Select(next => next with { EventIndex = null }),
        ];
    }

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
