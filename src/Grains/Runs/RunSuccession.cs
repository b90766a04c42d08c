using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Runs;
using Cluster.Grains.Interfaces.Sessions;

namespace Cluster.Grains.Runs;

/// <summary>Has unfinished runs taken up, where nobody works on them: by their session, in whose mailbox they have their turn, or by themselves where they work beside it.</summary>
/// <param name="runs">Where the runs are.</param>
/// <param name="sessions">Where the sessions are.</param>
internal sealed class RunSuccession(GrainKind<IRunGrain> runs, GrainKind<ISessionGrain> sessions)
{
    /// <summary>Has a run taken up, without waiting: whoever calls may be what the session waits for.</summary>
    /// <param name="tenant">Whose run it is.</param>
    /// <param name="run">The run.</param>
    public void TakeUp(TenantId tenant, RunOutput run)
    {
        var taking = run.ParentRunId is null
            ? SessionOf(tenant, run.SessionId!).EnsureAsync([run.RunId])
            : runs.Get(new RunKey(tenant, run.RunId).ToString()).TurnAsync();
        taking.Ignore();
    }

    /// <summary>Tells the session of a run that its next one has its turn. Runs that work beside the mailbox have no place there.</summary>
    /// <param name="tenant">Whose run it is.</param>
    /// <param name="run">The run, which does not work any more.</param>
    public Task TellSettledAsync(TenantId tenant, RunOutput run) =>
        run.ParentRunId is null ? SessionOf(tenant, run.SessionId!).SettledAsync(run.RunId) : Task.CompletedTask;

    private ISessionGrain SessionOf(TenantId tenant, string sessionId) => sessions.Get(new SessionKey(tenant, sessionId).ToString());
}
