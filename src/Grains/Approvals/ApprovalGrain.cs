using System.Collections.Immutable;
using Cluster.Engine.Approvals;
using Cluster.Grains.Interfaces.Approvals;
using Orleans.Concurrency;

namespace Cluster.Grains.Approvals;

/// <summary>Hands calls to the silo's approvals.</summary>
/// <param name="approvals">The approvals.</param>
[StatelessWorker]
internal sealed class ApprovalGrain(IApprovalStore approvals) : Grain, IApprovalGrain
{
    public Task<ApprovalRecord?> FindAsync(string approvalId) => approvals.FindAsync(approvalId);

    public Task<ApprovalPage> ListAsync(ApprovalQuery query) => approvals.ListAsync(query);

    public Task<ResolvedApproval?> ResolveAsync(string approvalId, ApprovalResolution resolution) => approvals.ResolveAsync(approvalId, resolution);

    public Task<bool> DeleteAsync(string approvalId) => approvals.DeleteAsync(approvalId);

    public Task<ImmutableArray<ApprovalRecord>> ListDueAsync(long now, int limit) => approvals.ListDueAsync(now, limit);
}
