namespace Cluster.Engine.Scopes;

/// <summary>On whose behalf something is done. It is made once, at the edge, is kept with the run, and travels with it into tools, members and background work.</summary>
/// <param name="Tenant">Whose data it may touch; there is nothing else in its reach.</param>
/// <param name="UserId">The user of the tenant; null when nobody is named.</param>
public sealed record Scope(TenantId Tenant, string? UserId);
