using System.Collections.Immutable;

namespace Cluster.Grains.Interfaces.Runs;

/// <summary>How often and how long a question is asked of a cluster whose silos may die with it.</summary>
/// <param name="Patience">How long to wait for an answer before the question is asked again beside the earlier ones; the last one counts for all that follow.</param>
/// <param name="Bound">After which time no further one is asked.</param>
internal sealed record Repetition(ImmutableArray<TimeSpan> Patience, TimeSpan Bound)
{
    /// <summary>A call that is refused at once is refused for a reason that passes, but not at once.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private static readonly Task Never = new TaskCompletionSource().Task;

    /// <summary>A connection to a silo that is gone may be used for a moment after others know that it is.</summary>
    private static readonly TimeSpan AfterChange = TimeSpan.FromMilliseconds(500);

    /// <summary>Asks until there is an answer. The first one counts, whatever becomes of the other questions.</summary>
    /// <typeparam name="TResult">What the answer is.</typeparam>
    /// <param name="ask">Asks once.</param>
    /// <param name="changes">Tells when silos came or went: then the question is asked again at once; null when nobody tells.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="TimeoutException">None came in time, and none failed either.</exception>
    public async Task<TResult> MakeAsync<TResult>(Func<Task<TResult>> ask, MemberChanges? changes, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var began = timeProvider.GetTimestamp();
        var asked = new List<Task<TResult>>();
        var hasChanged = false;
        for (var attempt = 0; ;)
        {
            var change = changes?.Next ?? Never;
            var patience = hasChanged ? AfterChange : Patience[Math.Min(attempt++, Patience.Length - 1)];
            asked.Add(ask());
            var (answer, failure) = await FirstAsync(asked, change, patience, timeProvider, cancellationToken);
            if (answer is not null)
            {
                asked.ForEach(late => late.Ignore());
                return await answer;
            }

            if (timeProvider.GetElapsedTime(began) >= Bound)
            {
                asked.ForEach(late => late.Ignore());
                throw failure ?? new TimeoutException($"There was no answer in {Bound}.");
            }

            hasChanged = change.IsCompleted;
            if (asked.Count == 0)
            {
                await Task.Delay(Pause, timeProvider, cancellationToken);
            }
        }
    }

    /// <summary>Asks again only after a question that nobody got.</summary>
    /// <typeparam name="TResult">What the answer is.</typeparam>
    /// <param name="ask">Asks once.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The answer.</returns>
    public async Task<TResult> MakeOnceAsync<TResult>(Func<Task<TResult>> ask, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var began = timeProvider.GetTimestamp();
        while (true)
        {
            try
            {
                return await ask().WaitAsync(cancellationToken);
            }
            catch (OrleansMessageRejectionException rejection) when (rejection is not SiloUnavailableException && timeProvider.GetElapsedTime(began) < Bound)
            {
                // A silo turned the message away before a grain had it.
            }

            await Task.Delay(Pause, timeProvider, cancellationToken);
        }
    }

    /// <summary>Waits for the first of several questions that is answered, and forgets those that got lost.</summary>
    /// <returns>The answer, or the failure of the one that got lost last; neither when the patience is over or silos came or went.</returns>
    private static async Task<(Task<TResult>? Answer, Exception? Failure)> FirstAsync<TResult>(
        List<Task<TResult>> asked, Task change, TimeSpan patience, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var time = Task.Delay(patience, timeProvider, stop.Token);
        Exception? failure = null;
        while (asked.Count > 0)
        {
            Task[] all = [.. asked, time, change];
            if (await Task.WhenAny(all) is not Task<TResult> first)
            {
                break;
            }

            asked.Remove(first);
            failure = first.Exception?.InnerException ?? (first.IsCanceled ? new TaskCanceledException(first) : null);
            if (failure is null || !GrainCalls.IsOutOfReach(failure))
            {
                await stop.CancelAsync();
                return (first, null);
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        await stop.CancelAsync();
        return (null, failure);
    }
}
