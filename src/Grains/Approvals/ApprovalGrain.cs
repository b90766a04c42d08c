using Cluster.Engine.Agents;
using Cluster.Engine.Approvals;
using Cluster.Grains.Interfaces.Approvals;
using Orleans.Concurrency;

namespace Cluster.Grains.Approvals;

/// <summary>Hands calls to the silo's approvals, and lets the guardrails of its agents look at decisions: gateways have none.</summary>
/// <param name="approvals">The approvals.</param>
/// <param name="agents">The agents.</param>
[StatelessWorker]
internal sealed class ApprovalGrain(IApprovalStore approvals, IAgentCatalog agents) : Grain, IApprovalGrain
{
    public Task<ApprovalRecord?> FindAsync(string approvalId) => approvals.FindAsync(approvalId);

    public Task<ApprovalPage> ListAsync(ApprovalQuery query) => approvals.ListAsync(query);

    public async Task<ResolvedApproval?> ResolveAsync(string approvalId, ApprovalResolution resolution)
    {
        var approval = resolution.Data is null ? null : await approvals.FindAsync(approvalId);
        return await approvals.ResolveAsync(approvalId, approval is null ? resolution : ApprovalScreening.Screen(resolution, approval, agents));
    }

    public Task<bool> DeleteAsync(string approvalId) => approvals.DeleteAsync(approvalId);
}
