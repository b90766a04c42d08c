using System.Collections.Immutable;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Scopes;

/// <summary>What is looked for over all tenants, by those who look after everybody's work. What is found names its tenant, and is dealt with as that tenant's.</summary>
public interface ICrossTenantReads
{
    /// <summary>Lists the tenants that have sessions or approvals.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The tenants.</returns>
    Task<ImmutableArray<TenantId>> ListTenantsAsync(CancellationToken cancellationToken = default);

    /// <summary>Lists the runs of all tenants that are neither finished nor paused, in the order in which they were accepted. Their owners may have died.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The runs.</returns>
    Task<ImmutableArray<UnfinishedRun>> ListUnfinishedOfAllAsync(CancellationToken cancellationToken = default);

    /// <summary>Lists the tenants that have approvals for which something is left to do.</summary>
    /// <param name="now">The time, in Unix seconds.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The tenants.</returns>
    Task<ImmutableArray<TenantId>> ListTenantsWithDueApprovalsAsync(long now, CancellationToken cancellationToken = default);
}
