using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Cluster.Engine.Errors;
using Cluster.Engine.Limits;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Storage;
using Cluster.Grains.Interfaces.Keys;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Grains.Interfaces.Runs;

/// <summary>Reads runs that live elsewhere, for as long as it takes: a silo that dies costs a pause, not the reader.</summary>
/// <param name="tenant">Whose runs.</param>
/// <param name="runs">The runs that are followed.</param>
/// <param name="calls">Calls their grains.</param>
/// <param name="logs">The truth about runs that are over.</param>
/// <param name="records">What became of them.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class FollowedReader(
    TenantId tenant, FollowedRuns runs, GrainCalls calls, SharedRunLogs logs, IRunRecords records, [FromKeyedServices(ClusterClock.Key)] TimeProvider timeProvider)
{
    private const int PageSize = 256;

    /// <summary>So many pages are on their way here at a time, whatever readers want.</summary>
    private const int PagesAtOnce = 16;

    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    private readonly Channel<bool> _pages = Channel.CreateBounded<bool>(PagesAtOnce);

    /// <summary>Reads the public events after a cursor, waiting for more until the run ends or pauses.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="afterIndex">The last event index that the reader has; -1 for none.</param>
    /// <param name="watcher">The name under which news come here; null for that of the process.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public async IAsyncEnumerable<RunEvent> ReadAsync(
        string runId, long afterIndex, string? watcher, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var lease = runs.Follow(new RunKey(tenant, runId), watcher);
        var run = lease.Run;
        run.Want(afterIndex == long.MaxValue ? long.MaxValue : afterIndex + 1);
        run.Watch.Want(events: true, outcome: false);
        RunEvent? seen = null;
        for (var cursor = afterIndex; ;)
        {
            var view = run.Look(cursor);
            var hasMoved = view.Step == FollowedStep.Take;
            foreach (var next in view.Events)
            {
                (cursor, seen) = (next.EventIndex ?? cursor, next);
                yield return next;
            }

            if (view.Step is not (FollowedStep.Take or FollowedStep.Wait))
            {
                await foreach (var next in ReadOlderAsync(run, view.Step, cursor, seen, cancellationToken))
                {
                    hasMoved = true;
                    (cursor, seen) = (next.EventIndex ?? cursor, next);
                    yield return next;
                }
            }

            if (view.Step is FollowedStep.Stop or FollowedStep.Finish)
            {
                yield break;
            }

            if (runs.Stopping.IsCancellationRequested)
            {
                yield break;
            }

            if (!hasMoved)
            {
                await AskAndWaitAsync(run, view.Changed, view.Step == FollowedStep.CatchUp ? RetryPause : FollowedWatch.RenewPeriod, cancellationToken);
            }
        }
    }

    /// <summary>Waits until a run ends or pauses.</summary>
    public async Task<RunOutput> WaitAsync(string runId, CancellationToken cancellationToken)
    {
        using var lease = runs.Follow(new RunKey(tenant, runId));
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
                if (await calls.Run(run.Key).WatchAsync(watch).WaitAsync(cancellationToken) is { } news)
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

    private IAsyncEnumerable<RunEvent> ReadOlderAsync(FollowedRun run, FollowedStep step, long cursor, RunEvent? seen, CancellationToken cancellationToken) => step switch
    {
        FollowedStep.CatchUp => CatchUpAsync(run, cursor, cancellationToken),

        // The outcome has the index of a delta that an owner streamed which died.
        FollowedStep.Stop when seen is not RunContent => AsyncEnumerable.Empty<RunEvent>(),
        _ => FinishAsync(run.Key.RunId, cursor, seen, cancellationToken),
    };

    /// <summary>Reads events that are not kept here any more: none while the run's owner is out of reach. Where nobody owns the run its log tells.</summary>
    private async IAsyncEnumerable<RunEvent> CatchUpAsync(FollowedRun run, long cursor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await run.Pages.ReadAsync(cursor, () => ReadPageAsync(run.Key.RunId, cursor)).WaitAsync(cancellationToken) is { } page)
        {
            foreach (var next in page)
            {
                yield return next;
            }

            yield break;
        }

        using var log = await TryOpenAsync(run.Key.RunId, cancellationToken);
        foreach (var next in log?.After(cursor) ?? [])
        {
            yield return next;
        }
    }

    private async Task<ImmutableArray<RunEvent>?> ReadPageAsync(string runId, long cursor)
    {
        await _pages.Writer.WriteAsync(true);
        try
        {
            return (await calls.Run(new RunKey(tenant, runId)).ReadAsync(cursor, PageSize))?.Events.Events;
        }
        catch (Exception failure) when (IsPassing(failure))
        {
            // To read the whole log instead would help nobody: a silo that is too busy to answer is no better off with a database that is.
            return [];
        }
        finally
        {
            _pages.Reader.TryRead(out _);
        }
    }

    /// <summary>Reads the end of a run that has ended. A reader that saw deltas of an owner that died may have more than there is: it still lacks the outcome.</summary>
    private async IAsyncEnumerable<RunEvent> FinishAsync(string runId, long cursor, RunEvent? seen, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        SharedRunLog? log;
        while ((log = await TryOpenAsync(runId, cancellationToken)) is null)
        {
            await Task.Delay(RetryPause, timeProvider, cancellationToken);
        }

        using (log)
        {
            var (isComplete, last) = (true, (RunEvent?)null);
            foreach (var next in log.Events)
            {
                last = next;
                if (next.EventIndex > cursor)
                {
                    isComplete = false;
                    yield return next;
                }
            }

            if (isComplete && last is not null && (cursor > last.EventIndex || seen is RunContent))
            {
                yield return last;
            }
        }
    }

    /// <summary>Opens the log; null while the store is away or busy.</summary>
    private async Task<SharedRunLog?> TryOpenAsync(string runId, CancellationToken cancellationToken)
    {
        try
        {
            return await logs.OpenAsync(runId, cancellationToken) ?? throw RunFence.Missing(runId);
        }
        catch (UnavailableException)
        {
            return null;
        }
    }

    private static bool IsPassing(Exception failure) => failure is UnavailableException || GrainCalls.IsOutOfReach(failure);
}
