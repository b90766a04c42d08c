using Cluster.Engine.Approvals;
using Cluster.Engine.Runs;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Sessions;

namespace Cluster.Grains.Supervision;

/// <summary>Looks after the approvals of a share of the sessions: what is overdue is settled, and runs that have not heard of a decision go on through their sessions.</summary>
/// <param name="sweep">Does it.</param>
/// <param name="grains">Where the sessions are.</param>
internal sealed class ApprovalRound(ApprovalSweep sweep, IGrainFactory grains)
{
    /// <summary>Looks once.</summary>
    /// <param name="share">Which share, from 0.</param>
    /// <param name="shares">Among how many the sessions are divided.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    public Task GoAsync(int share, int shares, CancellationToken cancellationToken) =>
        sweep.SweepAsync(ContinueAsync, approval => SessionShares.ShareOf(approval.SessionId, shares) == share, cancellationToken);

    private Task ContinueAsync(ApprovalRecord approval, RunContinuation continuation) => grains
        .GetGrain<ISessionGrain>(new SessionKey(Tenants.Default, approval.SessionId).ToString())
        .ContinueAsync(new SessionContinuation(continuation, null));
}

/// <summary>How supervisors divide the sessions among themselves.</summary>
internal static class SessionShares
{
    /// <summary>Gives the share that a session is in. It is the same on every silo, unlike <see cref="string.GetHashCode()"/>.</summary>
    public static int ShareOf(string sessionId, int shares) => (int)(sessionId.Aggregate(0u, (hash, character) => (hash * 31) + character) % (uint)shares);
}
