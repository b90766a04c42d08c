using Cluster.Engine.Approvals;
using Cluster.Engine.Scopes;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Runs;

namespace Cluster.Grains.Interfaces.Approvals;

/// <summary>Reads and decides about the approvals that the silos keep, without a way of its own to their database.</summary>
/// <param name="grains">Where the approvals' grain is.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="tenant">Whose.</param>
public sealed class ClusterApprovals(IGrainFactory grains, TimeProvider timeProvider, TenantId tenant) : IApprovalDecisions
{
    private readonly string _key = new TenantKey(tenant).ToString();
    private readonly GrainCalls _calls = new(grains, timeProvider);

    private IApprovalGrain Approvals => grains.GetGrain<IApprovalGrain>(_key);

    /// <inheritdoc/>
    public Task<ApprovalRecord?> FindAsync(string approvalId, CancellationToken cancellationToken = default) =>
        _calls.RepeatAsync(() => Approvals.FindAsync(approvalId), cancellationToken);

    /// <inheritdoc/>
    public Task<ApprovalPage> ListAsync(ApprovalQuery query, CancellationToken cancellationToken = default) =>
        _calls.RepeatAsync(() => Approvals.ListAsync(query), cancellationToken);

    /// <inheritdoc/>
    public Task<ResolvedApproval?> ResolveAsync(string approvalId, ApprovalResolution resolution, CancellationToken cancellationToken = default) =>
        _calls.OnceAsync(() => Approvals.ResolveAsync(approvalId, resolution), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(string approvalId, CancellationToken cancellationToken = default) =>
        _calls.OnceAsync(() => Approvals.DeleteAsync(approvalId), cancellationToken);
}
