using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Scopes;
using Microsoft.Extensions.Logging;

namespace Cluster.Grains.Supervision;

/// <summary>
/// Calls the sessions of unfinished runs, and members of teams, which work beside their session's mailbox, by themselves. Those that are well take the call
/// for what it is, a question.
/// </summary>
/// <param name="reads">Knows the unfinished runs.</param>
/// <param name="calls">What the calls are.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class RunSweep(ICrossTenantReads reads, SweepCalls calls, TimeProvider timeProvider, ILogger<RunSweep> logger)
{
    private const int MaxCallsAtOnce = 256;

    /// <summary>A grain whose place is a silo that has just died answers late or never; the next sweep, which calls it again, does not wait for it. Its call stays under way.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>How long a call may be under way before there is another one, which would mostly stand behind it just when there is the most to do.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(3);

    /// <summary>The grains whose calls are under way, and since when.</summary>
    private readonly ConcurrentDictionary<string, long> _underWay = new(StringComparer.Ordinal);

    /// <summary>Calls the sessions of one share, and the members of their teams.</summary>
    /// <param name="share">Which share, from 0.</param>
    /// <param name="shares">Among how many the sessions are divided.</param>
    /// <param name="cancellationToken">Stops calling.</param>
    public async Task SweepAsync(int share, int shares, CancellationToken cancellationToken)
    {
        var ours = (await reads.ListUnfinishedOfAllAsync(cancellationToken))
            .Where(run => SessionShares.ShareOf(run.SessionId, shares) == share)
            .ToImmutableArray();
        await Parallel.ForEachAsync(
            calls.For(ours), new ParallelOptions { MaxDegreeOfParallelism = MaxCallsAtOnce, CancellationToken = cancellationToken }, (call, _) => EnsureAsync(call));
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "One that cannot be reached must not keep the others waiting.")]
    private async ValueTask EnsureAsync(SweepCall call)
    {
        if (_underWay.TryGetValue(call.Key, out var since) && timeProvider.GetElapsedTime(since) < Retry)
        {
            return;
        }

        try
        {
            await CallAsync(call).WaitAsync(Patience, timeProvider);
        }
        catch (Exception failure)
        {
            LogNotReached(failure.Message, call.Key);
        }
    }

    private async Task CallAsync(SweepCall call)
    {
        var since = timeProvider.GetTimestamp();
        _underWay[call.Key] = since;
        try
        {
            await call.MakeAsync();
        }
        finally
        {
            _underWay.TryRemove(KeyValuePair.Create(call.Key, since));
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Grain} has unfinished work and was not reached ({Reason}); it is called again")]
    private partial void LogNotReached(string reason, string grain);
}
