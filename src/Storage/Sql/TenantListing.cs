namespace Cluster.Storage.Sql;

/// <summary>Lists tenants.</summary>
internal static class TenantListing
{
    /// <summary>Gets the query of those that have sessions or approvals. It steps from one to the next through an index, however many rows each has.</summary>
    public static Statement All { get; } = new($"{Step("sessions")} UNION {Step("approvals")}");

    private static string Step(string table) =>
        $"SELECT tenant_id FROM (WITH RECURSIVE known (tenant_id) AS (SELECT min(tenant_id) FROM {table} UNION ALL "
        + $"SELECT (SELECT min(t.tenant_id) FROM {table} t WHERE t.tenant_id > k.tenant_id) FROM known k WHERE k.tenant_id IS NOT NULL) "
        + "SELECT tenant_id FROM known WHERE tenant_id IS NOT NULL) AS each_one";
}
