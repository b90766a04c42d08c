using System.Collections.Immutable;
using Cluster.Engine.Approvals;
using Cluster.Grains.Interfaces.Runs;

namespace Cluster.Grains.Interfaces.Approvals;

/// <summary>Reads and decides about the approvals that the silos keep, without a way of its own to their database.</summary>
/// <param name="grains">Where the approvals' grain is.</param>
public sealed class ClusterApprovals(IGrainFactory grains) : IApprovalStore
{
    private IApprovalGrain Approvals => grains.GetGrain<IApprovalGrain>(0);

    /// <inheritdoc/>
    public Task<ApprovalRecord?> FindAsync(string approvalId, CancellationToken cancellationToken = default) =>
        GrainCalls.MakeAsync(Approvals.FindAsync(approvalId), cancellationToken);

    /// <inheritdoc/>
    public Task<ApprovalPage> ListAsync(ApprovalQuery query, CancellationToken cancellationToken = default) =>
        GrainCalls.MakeAsync(Approvals.ListAsync(query), cancellationToken);

    /// <inheritdoc/>
    public Task<ResolvedApproval?> ResolveAsync(string approvalId, ApprovalResolution resolution, CancellationToken cancellationToken = default) =>
        GrainCalls.MakeAsync(Approvals.ResolveAsync(approvalId, resolution), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(string approvalId, CancellationToken cancellationToken = default) =>
        GrainCalls.MakeAsync(Approvals.DeleteAsync(approvalId), cancellationToken);

    /// <inheritdoc/>
    public Task<ImmutableArray<ApprovalRecord>> ListDueAsync(long now, int limit, CancellationToken cancellationToken = default) =>
        GrainCalls.MakeAsync(Approvals.ListDueAsync(now, limit), cancellationToken);
}
