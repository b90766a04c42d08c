using Cluster.Engine.Approvals;
using Cluster.Grains.Interfaces.Runs;

namespace Cluster.Grains.Interfaces.Approvals;

/// <summary>Reads and decides about the approvals that the silos keep, without a way of its own to their database.</summary>
/// <param name="grains">Where the approvals' grain is.</param>
/// <param name="calls">Calls it.</param>
internal sealed class ClusterApprovals(IGrainFactory grains, GrainCalls calls) : IApprovalDecisions
{
    private IApprovalGrain Approvals => grains.GetGrain<IApprovalGrain>(0);

    /// <inheritdoc/>
    public Task<ApprovalRecord?> FindAsync(string approvalId, CancellationToken cancellationToken = default) =>
        calls.RepeatAsync(() => Approvals.FindAsync(approvalId), cancellationToken);

    /// <inheritdoc/>
    public Task<ApprovalPage> ListAsync(ApprovalQuery query, CancellationToken cancellationToken = default) =>
        calls.RepeatAsync(() => Approvals.ListAsync(query), cancellationToken);

    /// <inheritdoc/>
    public Task<ResolvedApproval?> ResolveAsync(string approvalId, ApprovalResolution resolution, CancellationToken cancellationToken = default) =>
        calls.OnceAsync(() => Approvals.ResolveAsync(approvalId, resolution), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(string approvalId, CancellationToken cancellationToken = default) =>
        calls.OnceAsync(() => Approvals.DeleteAsync(approvalId), cancellationToken);
}
