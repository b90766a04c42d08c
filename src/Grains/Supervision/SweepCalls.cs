using System.Collections.Immutable;
using Cluster.Engine.Runs;
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
internal sealed class SweepCalls(IRunRecords records, GrainKind<IRunGrain> runs, GrainKind<ISessionGrain> sessions)
{
    /// <summary>Gives the calls for all unfinished runs of some sessions.</summary>
    /// <param name="unfinished">The runs.</param>
    public IEnumerable<SweepCall> For(ImmutableArray<UnfinishedRun> unfinished)
    {
        var known = unfinished.Select(run => run.RunId).ToHashSet(StringComparer.Ordinal);
        return unfinished.Where(run => run.ParentRunId is null)
            .GroupBy(run => run.SessionId, run => run.RunId, StringComparer.Ordinal)
            .Select(session => Ensure(session.Key, [.. session]))
            .Concat(unfinished.Where(run => run.ParentRunId is not null).Select(run => known.Contains(run.ParentRunId!) ? Turn(run) : Settle(run)));
    }

    private SweepCall Ensure(string sessionId, ImmutableArray<string> runIds)
    {
        var key = new SessionKey(Tenants.Default, sessionId).ToString();
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
            var team = await records.FindAsync(member.ParentRunId!);
            var isWanted = team?.Output.Status is RunStatus.Pending or RunStatus.Running or RunStatus.Paused;
            await (isWanted ? runs.Get(key).TurnAsync() : runs.Get(key).CancelAsync());
        });
    }

    private static string KeyOf(UnfinishedRun member) => new RunKey(Tenants.Default, member.RunId).ToString();
}

/// <summary>A call that makes sure that unfinished runs are worked on.</summary>
/// <param name="Key">The key of the grain that is called.</param>
/// <param name="MakeAsync">Makes the call.</param>
internal sealed record SweepCall(string Key, Func<Task> MakeAsync);
