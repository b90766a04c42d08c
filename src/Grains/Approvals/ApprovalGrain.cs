using Cluster.Engine.Agents;
using Cluster.Engine.Approvals;
using Cluster.Engine.Scopes;
using Cluster.Grains.Interfaces.Approvals;
using Cluster.Grains.Interfaces.Keys;
using Orleans.Concurrency;

namespace Cluster.Grains.Approvals;

/// <summary>Hands calls to the silo's approvals, and lets the guardrails of its agents look at decisions: gateways have none.</summary>
/// <param name="tenants">The approvals of each tenant.</param>
/// <param name="agents">The agents.</param>
[StatelessWorker]
internal sealed class ApprovalGrain(PerTenant<IApprovalStore> tenants, IAgentCatalog agents) : Grain, IApprovalGrain
{
    private IApprovalStore Approvals => field ??= tenants.For(TenantKey.Parse(this.GetPrimaryKeyString()).Tenant);

    public Task<ApprovalRecord?> FindAsync(string approvalId) => Approvals.FindAsync(approvalId);

    public Task<ApprovalPage> ListAsync(ApprovalQuery query) => Approvals.ListAsync(query);

    public async Task<ResolvedApproval?> ResolveAsync(string approvalId, ApprovalResolution resolution)
    {
        var approval = resolution.Data is null ? null : await Approvals.FindAsync(approvalId);
        return await Approvals.ResolveAsync(approvalId, approval is null ? resolution : ApprovalScreening.Screen(resolution, approval, agents));
    }

    public Task<bool> DeleteAsync(string approvalId) => Approvals.DeleteAsync(approvalId);
}
