using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Runs;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Sessions;
using Microsoft.Extensions.Logging;

namespace Cluster.Grains.Supervision;

/// <summary>Calls the sessions of unfinished runs. Sessions that are well take the call for what it is, a question.</summary>
/// <param name="log">Knows the unfinished runs.</param>
/// <param name="grains">Where the sessions are.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class RunSweep(IRunLog log, IGrainFactory grains, TimeProvider timeProvider, ILogger<RunSweep> logger)
{
    private const int MaxCallsAtOnce = 256;

    /// <summary>A session whose place is a silo that has just died answers late or never; the next sweep, which calls it again, does not wait for it. Its call stays under way.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>How long a call may be under way before there is another one, which would mostly stand behind it just when there is the most to do.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(3);

    /// <summary>The sessions whose calls are under way, and since when.</summary>
    private readonly ConcurrentDictionary<string, long> _underWay = new(StringComparer.Ordinal);

    /// <summary>Calls the sessions of one share.</summary>
    /// <param name="share">Which share, from 0.</param>
    /// <param name="shares">Among how many the sessions are divided.</param>
    /// <param name="cancellationToken">Stops calling.</param>
    public async Task SweepAsync(int share, int shares, CancellationToken cancellationToken)
    {
        var sessions = (await log.ListUnfinishedAsync(cancellationToken: cancellationToken))
            .Where(run => SessionShares.ShareOf(run.SessionId, shares) == share)
            .GroupBy(run => run.SessionId, run => run.RunId, StringComparer.Ordinal);
        await Parallel.ForEachAsync(
            sessions, new ParallelOptions { MaxDegreeOfParallelism = MaxCallsAtOnce, CancellationToken = cancellationToken }, (session, _) => EnsureAsync(session.Key, [.. session]));
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "One session that cannot be reached must not keep the others waiting.")]
    private async ValueTask EnsureAsync(string sessionId, ImmutableArray<string> runIds)
    {
        if (_underWay.TryGetValue(sessionId, out var since) && timeProvider.GetElapsedTime(since) < Retry)
        {
            return;
        }

        try
        {
            await CallAsync(sessionId, runIds).WaitAsync(Patience, timeProvider);
        }
        catch (Exception failure)
        {
            LogNotReached(failure.Message, sessionId);
        }
    }

    private async Task CallAsync(string sessionId, ImmutableArray<string> runIds)
    {
        var since = timeProvider.GetTimestamp();
        _underWay[sessionId] = since;
        try
        {
            await grains.GetGrain<ISessionGrain>(new SessionKey(Tenants.Default, sessionId).ToString()).EnsureAsync(runIds);
        }
        finally
        {
            _underWay.TryRemove(KeyValuePair.Create(sessionId, since));
        }
    }

    [LoggerMessage(LogLevel.Warning, "Session {SessionId} has unfinished runs and was not reached ({Reason}); it is called again")]
    private partial void LogNotReached(string reason, string sessionId);
}
