using System.Collections.Immutable;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Runs;
using Cluster.Grains.Interfaces.Sessions;

namespace Cluster.Grains.Supervision;

/// <summary>
/// Who has to be called so that unfinished runs are worked on. Runs that have their turn in a session are the session's business; members of teams are called
/// themselves, and those whose team is over are cancelled: nobody wants them any more.
/// </summary>
/// <param name="records">Knows what became of teams that are not unfinished.</param>
/// <param name="runs">Where the runs are.</param>
/// <param name="sessions">Where the sessions are.</param>
internal sealed class SweepCalls(PerTenant<IRunRecords> records, GrainKind<IRunGrain> runs, GrainKind<ISessionGrain> sessions)
{
    /// <summary>Gives the calls for all unfinished runs of some sessions.</summary>
    /// <param name="unfinished">The runs.</param>
    public IEnumerable<SweepCall> For(ImmutableArray<UnfinishedRun> unfinished)
    {
        var known = unfinished.Select(run => (run.Tenant, run.RunId)).ToHashSet();
        return unfinished.Where(run => run.ParentRunId is null)
            .GroupBy(run => new SessionKey(run.Tenant, run.SessionId), run => run.RunId)
            .Select(session => Ensure(session.Key, [.. session]))
            .Concat(unfinished.Where(run => run.ParentRunId is not null).Select(run => known.Contains((run.Tenant, run.ParentRunId!)) ? Turn(run) : Settle(run)));
    }

    private SweepCall Ensure(SessionKey session, ImmutableArray<string> runIds)
    {
        var key = session.ToString();
        return new SweepCall(key, () => sessions.Get(key).EnsureAsync(runIds));
    }

    private SweepCall Turn(UnfinishedRun member)
    {
        var key = KeyOf(member);
        return new SweepCall(key, () => runs.Get(key).TurnAsync());
    }

    private SweepCall Settle(UnfinishedRun member)
    {
        var key = KeyOf(member);
        return new SweepCall(key, async () =>
        {
            // One that waits for a human will want its members yet.
            var team = await records.For(member.Tenant).FindAsync(member.ParentRunId!);
            var isWanted = team?.Output.Status is RunStatus.Pending or RunStatus.Running or RunStatus.Paused;
            await (isWanted ? runs.Get(key).TurnAsync() : runs.Get(key).CancelAsync());
        });
    }

    private static string KeyOf(UnfinishedRun member) => new RunKey(member.Tenant, member.RunId).ToString();
}

/// <summary>A call that makes sure that unfinished runs are worked on.</summary>
/// <param name="Key">The key of the grain that is called.</param>
/// <param name="MakeAsync">Makes the call.</param>
internal sealed record SweepCall(string Key, Func<Task> MakeAsync);
