using System.Runtime.CompilerServices;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Storage;

namespace Cluster.Grains.Interfaces.Runs;

/// <summary>Reads runs that live elsewhere, for as long as it takes: a silo that dies costs a pause, not the reader.</summary>
/// <param name="runs">The runs that are followed.</param>
/// <param name="calls">Calls their grains.</param>
/// <param name="log">The truth about runs that are over.</param>
/// <param name="records">What became of them.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class FollowedReader(FollowedRuns runs, GrainCalls calls, IRunLogReader log, IRunRecords records, TimeProvider timeProvider)
{
    private const int PageSize = 256;
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    private readonly RunEventReader _events = new(log, records);

    /// <summary>Reads the public events after a cursor, waiting for more until the run ends or pauses.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="afterIndex">The last event index that the reader has; -1 for none.</param>
    /// <param name="watcher">The name under which news come here; null for that of the process.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public async IAsyncEnumerable<RunEvent> ReadAsync(
        string runId, long afterIndex, string? watcher, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var lease = runs.Follow(runId, watcher);
        var run = lease.Run;
        run.Want(afterIndex == long.MaxValue ? long.MaxValue : afterIndex + 1);
        run.Watch.Want(events: true, outcome: false);
        RunEvent? seen = null;
        for (var cursor = afterIndex; ;)
        {
            var view = run.Look(cursor);
            var events = view.Step switch
            {
                FollowedStep.Take => view.Events,
                FollowedStep.CatchUp => await CatchUpAsync(run, cursor, cancellationToken),
                FollowedStep.Finish => await FinishAsync(runId, cursor, seen, cancellationToken),

                // The outcome has the index of a delta that an owner streamed which died.
                FollowedStep.Stop when seen is RunContent => await FinishAsync(runId, cursor, seen, cancellationToken),
                _ => [],
            };
            foreach (var next in events)
            {
                (cursor, seen) = (next.EventIndex ?? cursor, next);
                yield return next;
            }

            if (view.Step is FollowedStep.Stop or FollowedStep.Finish)
            {
                yield break;
            }

            if (runs.Stopping.IsCancellationRequested)
            {
                yield break;
            }

            if (events.Count == 0)
            {
                await AskAndWaitAsync(run, view.Changed, view.Step == FollowedStep.CatchUp ? RetryPause : FollowedWatch.RenewPeriod, cancellationToken);
            }
        }
    }

    /// <summary>Waits until a run ends or pauses.</summary>
    public async Task<RunOutput> WaitAsync(string runId, CancellationToken cancellationToken)
    {
        using var lease = runs.Follow(runId);
        var run = lease.Run;
        run.Watch.Want(events: false, outcome: true);
        while (true)
        {
            var (outcome, isEnded, changed) = run.LookForOutcome();
            if (outcome is not null)
            {
                return outcome;
            }

            if (isEnded)
            {
                return (await records.FindAsync(runId, cancellationToken))?.Output ?? throw RunFence.Missing(runId);
            }

            if (runs.Stopping.IsCancellationRequested)
            {
                throw new UnavailableException($"The server is stopping; run {runId} goes on. Look it up by its id.") { IsForCallers = true };
            }

            await AskAndWaitAsync(run, changed, FollowedWatch.RenewPeriod, cancellationToken);
        }
    }

    /// <summary>Asks the owner for news, if it is time, and waits for some.</summary>
    private async Task AskAndWaitAsync(FollowedRun run, Task changed, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (run.Watch.TryAsk(timeProvider))
        {
            try
            {
                var watch = new RunWatch(run.Watcher, run.Watch.WithEvents ? run.LastIndex : long.MaxValue, run.Watch.WithOutcome);
                if (await calls.Run(run.RunId).WatchAsync(watch).WaitAsync(cancellationToken) is { } news)
                {
                    run.GoOn(news);
                }
                else
                {
                    run.End();
                }
            }
            catch (Exception failure) when (IsPassing(failure))
            {
                run.Watch.MarkDue();
                wait = RetryPause;
            }
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, runs.Stopping);
        await changed.WaitAsync(wait, timeProvider, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Reads events that are not kept here any more.</summary>
    private async Task<IReadOnlyList<RunEvent>> CatchUpAsync(FollowedRun run, long cursor, CancellationToken cancellationToken)
    {
        try
        {
            if (await calls.Run(run.RunId).ReadAsync(cursor, PageSize).WaitAsync(cancellationToken) is { } page)
            {
                return page.Events.Events;
            }
        }
        catch (Exception failure) when (IsPassing(failure))
        {
            // The log tells what is on record, and the rest comes when the run has an owner again.
        }

        return [.. (await ReadLogAsync(run.RunId, cancellationToken) ?? []).Where(next => next.EventIndex > cursor)];
    }

    /// <summary>Reads the end of a run that has ended. A reader that saw deltas of an owner that died may have more than there is: it still lacks the outcome.</summary>
    private async Task<IReadOnlyList<RunEvent>> FinishAsync(string runId, long cursor, RunEvent? seen, CancellationToken cancellationToken)
    {
        RunEvent[]? all;
        while ((all = await ReadLogAsync(runId, cancellationToken)) is null)
        {
            await Task.Delay(RetryPause, timeProvider, cancellationToken);
        }

        var rest = all.Where(next => next.EventIndex > cursor).ToArray();
        return rest is [] && all is [.., var last] && (cursor > last.EventIndex || seen is RunContent) ? [last] : rest;
    }

    /// <summary>Reads the public events that are on record; null while the store is away.</summary>
    private async Task<RunEvent[]?> ReadLogAsync(string runId, CancellationToken cancellationToken)
    {
        try
        {
            return [.. await _events.ReadAsync(runId, cancellationToken) ?? throw RunFence.Missing(runId)];
        }
        catch (UnavailableException)
        {
            return null;
        }
    }

    private static bool IsPassing(Exception failure) => failure is UnavailableException || GrainCalls.IsOutOfReach(failure);
}
