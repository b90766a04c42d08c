using System.Collections.Immutable;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Sqlite;

/// <summary>Looks for what is left to do over all tenants in SQLite.</summary>
/// <param name="database">The database, which it does not own.</param>
internal sealed class SqliteCrossTenantReads(SqliteDatabase database) : ICrossTenantReads
{
    private static readonly Statement Unfinished = new(
        "SELECT r.tenant_id, r.run_id, s.session_id, r.sequence, r.parent_run_id FROM runs r JOIN sessions s ON s.creation = r.session "
        + "WHERE r.status IN ('PENDING', 'RUNNING') ORDER BY r.sequence");

    /// <inheritdoc/>
    public Task<ImmutableArray<TenantId>> ListTenantsAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(database.Query(TenantListing.All, row => TenantId.Parse(row.GetString(0))).ToImmutableArray());

    /// <inheritdoc/>
    public Task<ImmutableArray<UnfinishedRun>> ListUnfinishedOfAllAsync(CancellationToken cancellationToken = default) => Task.FromResult(database.Query(
        Unfinished, row => new UnfinishedRun(TenantId.Parse(row.GetString(0)), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetText(4))).ToImmutableArray());

    /// <inheritdoc/>
    public Task<ImmutableArray<TenantId>> ListTenantsWithDueApprovalsAsync(long now, CancellationToken cancellationToken = default) =>
        Task.FromResult(database.Query(ApprovalQueries.ToDueTenants(now), row => TenantId.Parse(row.GetString(0))).ToImmutableArray());
}
