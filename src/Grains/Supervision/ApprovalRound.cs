using Cluster.Engine.Approvals;
using Cluster.Engine.Scopes;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Sessions;

namespace Cluster.Grains.Supervision;

/// <summary>Looks after the approvals of all tenants: those that nobody decided about in time expire, and decisions reach their runs.</summary>
/// <param name="sweeps">Do it, each for a tenant.</param>
/// <param name="reads">Knows which tenants have something due.</param>
/// <param name="grains">Where sessions are.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class ApprovalRound(PerTenant<ApprovalSweep> sweeps, ICrossTenantReads reads, IGrainFactory grains, TimeProvider timeProvider)
{
    /// <summary>Goes over a share of the sessions.</summary>
    /// <param name="share">Which share, from 0.</param>
    /// <param name="shares">How many there are.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>A task that ends with the round.</returns>
    public async Task GoAsync(int share, int shares, CancellationToken cancellationToken)
    {
        foreach (var tenant in await reads.ListTenantsWithDueApprovalsAsync(timeProvider.GetUtcNow().ToUnixTimeSeconds(), cancellationToken))
        {
            await sweeps.For(tenant).SweepAsync(
                (approval, continuation) => grains.GetGrain<ISessionGrain>(new SessionKey(tenant, approval.SessionId).ToString()).ContinueAsync(new SessionContinuation(continuation, null)),
                approval => SessionShares.ShareOf(approval.SessionId, shares) == share,
                cancellationToken);
        }
    }
}

/// <summary>How supervisors divide the sessions among themselves.</summary>
internal static class SessionShares
{
    /// <summary>Gives the share that a session is in. It is the same on every silo, unlike <see cref="string.GetHashCode()"/>.</summary>
    public static int ShareOf(string sessionId, int shares) => (int)(sessionId.Aggregate(0u, (hash, character) => (hash * 31) + character) % (uint)shares);
}
