using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Storage;
using Cluster.Engine.Teams;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Runs;
using Cluster.Grains.Runs;

namespace Cluster.Grains.Teams;

/// <summary>
/// Runs the members of teams in grains on all silos. They are recorded here, so that the store takes many in one round trip, and then begun in parallel;
/// while they work, nothing here waits but the reader, which news wake up.
/// </summary>
/// <param name="tenant">Whose runs.</param>
/// <param name="admission">Turns requests into records.</param>
/// <param name="log">Records runs and knows the unfinished ones.</param>
/// <param name="records">Knows what became of runs.</param>
/// <param name="calls">Calls the members' grains.</param>
/// <param name="following">Follows the members.</param>
/// <param name="atWork">Tells leaders when they have to leave this silo.</param>
internal sealed class ClusterMemberRuns(
    TenantId tenant, RunAdmission admission, IRunLog log, IRunRecords records, GrainCalls calls, MemberFollowing following, RunsAtWork atWork) : IMemberRuns
{
    /// <inheritdoc/>
    public async Task StartAsync(RunRequest request, CancellationToken cancellationToken = default)
    {
        if (atWork.LeavingOf(KeyOf(request.ParentRunId!)).IsCancellationRequested)
        {
            throw new HandedOverException();
        }

        var acceptance = await admission.PrepareAsync(request, cancellationToken);
        using var expected = following.Expect(request);
        var accepted = await log.AcceptAsync(acceptance, cancellationToken);
        if (accepted.IsNew)
        {
            var fresh = new FreshRun(acceptance.Event, accepted.Sequence, accepted.OpensSession);
            await expected.BeginAsync(watch => calls.Run(KeyOf(request.RunId)).BeginAsync(fresh, watch, hasTurn: true), cancellationToken);
        }
        else
        {
            await expected.AskAsync(watch => calls.Run(KeyOf(request.RunId)).WatchAsync(watch), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task<RunOutput?> FollowAsync(
        string runId, string parentRunId, long afterIndex, Action<RunEvent> tell, CancellationToken cancellationToken = default)
    {
        var leaving = atWork.LeavingOf(KeyOf(parentRunId));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(leaving, cancellationToken);
        try
        {
            return await following.FollowAsync(runId, parentRunId, afterIndex, tell, stop.Token)
                ?? (await FindAsync(runId, cancellationToken) is { Status: not (RunStatus.Pending or RunStatus.Running) } output ? output : null);
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new HandedOverException();
        }
    }

    /// <inheritdoc/>
    public async Task<RunOutput?> FindAsync(string runId, CancellationToken cancellationToken = default) =>
        (await records.FindAsync(runId, cancellationToken))?.Output;

    /// <inheritdoc/>
    public async Task ContinueAsync(RunContinuation continuation, CancellationToken cancellationToken = default)
    {
        try
        {
            if (await IsAwaitedAsync(continuation, cancellationToken))
            {
                await GrainCalls.MakeAsync(calls.Run(KeyOf(continuation.RunId)).ContinueAsync(continuation, watch: null), cancellationToken);
            }
        }
        catch (ConflictException)
        {
            // Another leader, which is about to find out that it is none any more, may have been faster.
            if (await IsAwaitedAsync(continuation, cancellationToken))
            {
                throw;
            }
        }
    }

    /// <inheritdoc/>
    public async Task CancelAsync(string runId, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                await GrainCalls.MakeAsync(calls.Run(KeyOf(runId)).CancelAsync(), cancellationToken);
                return;
            }
            catch (UnavailableException)
            {
                // Its silo may have died just now: in a moment another one takes it up.
                await following.PauseAsync(cancellationToken);
            }
        }
    }

    private RunKey KeyOf(string runId) => new(tenant, runId);

    private async Task<bool> IsAwaitedAsync(RunContinuation continuation, CancellationToken cancellationToken)
    {
        var record = await log.ReadAsync(continuation.RunId, cancellationToken) ?? throw RunFence.Missing(continuation.RunId);
        return Answers.Awaits(record.ToState(), continuation);
    }
}
