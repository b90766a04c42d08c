using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Runs;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Grains.Teams;

/// <summary>
/// Follows members for leaders on this silo, as gateways follow runs for clients. Their news are addressed to the leader's grain, and so they find the
/// leader's successor too.
/// </summary>
/// <param name="tenant">Whose runs.</param>
/// <param name="followed">The members that leaders on this silo follow.</param>
/// <param name="reader">Reads them.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class MemberFollowing(
    TenantId tenant, FollowedRuns followed, FollowedReader reader, [FromKeyedServices(ClusterClock.Key)] TimeProvider timeProvider)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Prepares for the news of a member that is about to begin.</summary>
    /// <param name="member">The member's run.</param>
    public ExpectedMember Expect(RunRequest member)
    {
        var leader = KeyOf(member.ParentRunId!).ToString();
        return new ExpectedMember(followed.Expect(KeyOf(member.RunId), leader), timeProvider);
    }

    /// <summary>Tells the public events of a member after a cursor, waiting for more until its run ends or pauses.</summary>
    /// <returns>What the run amounts to; null when that was not among the news.</returns>
    public async Task<RunOutput?> FollowAsync(string runId, string leaderRunId, long afterIndex, Action<RunEvent> tell, CancellationToken cancellationToken)
    {
        var leader = KeyOf(leaderRunId).ToString();
        using var kept = followed.Keep(KeyOf(runId), leader);
        kept.Run.Watch.Want(events: true, outcome: true);
        await foreach (var next in reader.ReadAsync(runId, afterIndex, leader, cancellationToken))
        {
            tell(next);
        }

        return kept.Run.LookForOutcome().Outcome;
    }

    /// <summary>Waits for a silo that was lost to be replaced.</summary>
    public Task PauseAsync(CancellationToken cancellationToken) => Task.Delay(RetryPause, timeProvider, cancellationToken);

    private RunKey KeyOf(string runId) => new(tenant, runId);
}

/// <summary>A member that its leader is about to follow.</summary>
/// <param name="lease">Keeps what is heard of it meanwhile.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class ExpectedMember(FollowedRuns.Lease lease, TimeProvider timeProvider) : IDisposable
{
    private FollowedRun Run => lease.Run;

    /// <summary>Lets the run begin, and send its news from the first on. Where that fails whoever reads the run has it taken up: it is on record.</summary>
    public async Task BeginAsync(Func<RunWatch, Task> begin, CancellationToken cancellationToken)
    {
        Run.Watch.Want(events: true, outcome: true);
        Run.Watch.MarkAsked(timeProvider);
        try
        {
            await begin(new RunWatch(Run.Watcher, -1, WithOutcome: true)).WaitAsync(cancellationToken);
        }
        catch (Exception failure) when (GrainCalls.IsOutOfReach(failure) && !cancellationToken.IsCancellationRequested)
        {
            Run.Watch.MarkDue();
        }
    }

    /// <summary>Makes sure that somebody works on a run that was begun before.</summary>
    public async Task AskAsync(Func<RunWatch, Task<RunNews?>> ask, CancellationToken cancellationToken)
    {
        try
        {
            if (await ask(new RunWatch(Run.Watcher, long.MaxValue, WithOutcome: false)).WaitAsync(cancellationToken) is null)
            {
                Run.End();
            }
        }
        catch (Exception failure) when (GrainCalls.IsOutOfReach(failure) && !cancellationToken.IsCancellationRequested)
        {
            // Whoever reads it asks anyway.
            Run.Watch.MarkDue();
        }
    }

    public void Dispose() => lease.Dispose();
}
