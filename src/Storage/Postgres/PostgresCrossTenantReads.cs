using System.Collections.Immutable;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Storage.Sql;
using Npgsql;

namespace Cluster.Storage.Postgres;

/// <summary>Looks for what is left to do over all tenants in PostgreSQL.</summary>
/// <param name="dataSource">The database, which it does not own.</param>
internal sealed class PostgresCrossTenantReads(NpgsqlDataSource dataSource) : ICrossTenantReads
{
    private static readonly Statement Unfinished = new("SELECT tenant_id, run_id, session_id, sequence, parent_run_id FROM runs WHERE status IN ('PENDING', 'RUNNING') ORDER BY sequence");

    private readonly PostgresDatabase _database = new(dataSource);

    /// <inheritdoc/>
    public async Task<ImmutableArray<TenantId>> ListTenantsAsync(CancellationToken cancellationToken = default) =>
        [.. await _database.RunAsync((connection, token) => TenantListing.All.QueryAsync(connection, row => TenantId.Parse(row.GetString(0)), token), cancellationToken)];

    /// <inheritdoc/>
    public async Task<ImmutableArray<UnfinishedRun>> ListUnfinishedOfAllAsync(CancellationToken cancellationToken = default)
    {
        var runs = await _database.RunAsync(
            (connection, token) => Unfinished.QueryAsync(
                connection, row => new UnfinishedRun(TenantId.Parse(row.GetString(0)), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetText(4)), token),
            cancellationToken);
        return [.. runs];
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<TenantId>> ListTenantsWithDueApprovalsAsync(long now, CancellationToken cancellationToken = default)
    {
        var statement = ApprovalQueries.ToDueTenants(now);
        return [.. await _database.RunAsync((connection, token) => statement.QueryAsync(connection, row => TenantId.Parse(row.GetString(0)), token), cancellationToken)];
    }
}
