using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Runs;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Runs;
using Cluster.Grains.Interfaces.Sessions;
using Microsoft.Extensions.Logging;

namespace Cluster.Grains.Sessions;

/// <summary>Calls the runs of sessions for their mailboxes. What is called for is on record, so a call that does not arrive is only made again.</summary>
/// <param name="records">Knows the runs of repeated requests.</param>
/// <param name="runs">Where the runs are.</param>
/// <param name="sessions">Where other sessions are.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class SessionRuns(IRunRecords records, GrainKind<IRunGrain> runs, GrainKind<ISessionGrain> sessions, ILogger<SessionRuns> logger)
{
    /// <summary>Gives the grain of a run.</summary>
    public IRunGrain Of(SessionKey session, string runId) => runs.Get(new RunKey(session.Tenant, runId).ToString());

    /// <summary>Calls a run. A call that does not reach it is made again by the mailbox' check, or by the next sweep.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever keeps the call from the run's grain now, the request that led here has succeeded.")]
    public async Task TryAsync(SessionKey session, string runId, Func<IRunGrain, Task> call)
    {
        try
        {
            await call(Of(session, runId));
        }
        catch (Exception failure)
        {
            LogNotReached(failure, runId, session.SessionId);
        }
    }

    /// <summary>Stops runs that have to give way. The run at work comes last: when it ends, the next one must know already that it is not to begin.</summary>
    /// <param name="session">Their session.</param>
    /// <param name="ahead">The runs, the one at work first.</param>
    public async Task InterruptAsync(SessionKey session, ImmutableArray<string> ahead)
    {
        await Task.WhenAll(ahead.Skip(1).Select(runId => TryAsync(session, runId, run => run.CancelAsync())));
        await Task.WhenAll(ahead.Take(1).Select(runId => TryAsync(session, runId, run => run.CancelAsync())));
    }

    /// <summary>Goes on with an earlier run that a repeated request asked for: it may have lost its owner before anybody heard of it.</summary>
    /// <param name="asked">The session that was asked.</param>
    /// <param name="runId">The run, which may be another session's.</param>
    /// <param name="ensureAsync">Makes sure that runs of the session that was asked are worked on.</param>
    public async Task AdoptAsync(SessionKey asked, string runId, Func<ImmutableArray<string>, Task> ensureAsync)
    {
        if (await records.FindAsync(runId) is { Output: { Status: RunStatus.Pending or RunStatus.Running, SessionId: { } sessionId } })
        {
            await (sessionId == asked.SessionId ? ensureAsync([runId]) : sessions.Get((asked with { SessionId = sessionId }).ToString()).EnsureAsync([runId]));
        }
    }

    [LoggerMessage(LogLevel.Warning, "Run {RunId} of session {SessionId} was not reached; it is called again")]
    private partial void LogNotReached(Exception failure, string runId, string sessionId);
}
