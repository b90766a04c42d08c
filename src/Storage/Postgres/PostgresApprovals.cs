using System.Collections.Immutable;
using Cluster.Engine.Approvals;
using Cluster.Engine.Scopes;
using Cluster.Storage.Sql;
using Npgsql;

namespace Cluster.Storage.Postgres;

/// <summary>Keeps approvals in PostgreSQL. Those of runs are created by <see cref="PostgresStore"/>, in one step with their pause.</summary>
/// <param name="dataSource">The database, migrated by <see cref="PostgresMigrator"/>.</param>
/// <param name="tenant">Whose approvals.</param>
public sealed class PostgresApprovals(NpgsqlDataSource dataSource, TenantId tenant) : IApprovalStore
{
    private readonly PostgresDatabase _database = new(dataSource);

    /// <inheritdoc/>
    public async Task<ApprovalRecord?> FindAsync(string approvalId, CancellationToken cancellationToken = default) =>
        (await QueryAsync(ApprovalQueries.ToFind(tenant, approvalId), ApprovalColumns.Read, cancellationToken)).SingleOrDefault();

    /// <inheritdoc/>
    public async Task<ApprovalPage> ListAsync(ApprovalQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var approvals = query.Limit == 0 ? [] : await QueryAsync(ApprovalQueries.ToPage(tenant, query), ApprovalColumns.Read, cancellationToken);
        var isWhole = query.Offset == 0 && approvals.Count < query.Limit;
        var total = isWhole ? approvals.Count : (await QueryAsync(ApprovalQueries.ToCount(tenant, query), row => (int)row.GetInt64(0), cancellationToken))[0];
        return new ApprovalPage([.. approvals], total);
    }

    /// <inheritdoc/>
    public Task<ResolvedApproval?> ResolveAsync(string approvalId, ApprovalResolution resolution, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resolution);
        var write = Guid.NewGuid();
        var resolve = ApprovalWriting.ToResolve(tenant, Values.Id(approvalId, "approval id")!, resolution, write);
        var find = new Statement($"SELECT f.*, a.resolved_in = $3 FROM ({ApprovalColumns.Select} WHERE a.tenant_id = $1 AND a.approval_id = $2) f, approvals a WHERE a.tenant_id = $1 AND a.approval_id = $2")
            .Add(tenant)
            .Add(ColumnType.Text, approvalId)
            .Add(ColumnType.Uuid, write);
        return _database.RunAsync(
            async (connection, token) =>
            {
                await resolve.ExecuteAsync(connection, token);
                var found = await find.QueryAsync(connection, row => new ResolvedApproval(ApprovalColumns.Read(row), !row.IsDBNull(3) && row.GetBoolean(3)), token);
                return found.SingleOrDefault();
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(string approvalId, CancellationToken cancellationToken = default)
    {
        var statement = new Statement("DELETE FROM approvals WHERE tenant_id = $1 AND approval_id = $2 RETURNING true").Add(tenant).Add(ColumnType.Text, Values.Id(approvalId, "approval id"));
        return (await QueryAsync(statement, _ => true, cancellationToken, isRepeatable: false)).Count > 0;
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<ApprovalRecord>> ListDueAsync(long now, int limit, CancellationToken cancellationToken = default) =>
        [.. await QueryAsync(ApprovalQueries.ToDue(tenant, now, limit), ApprovalColumns.Read, cancellationToken)];

    private Task<List<TRow>> QueryAsync<TRow>(Statement statement, Func<NpgsqlDataReader, TRow> read, CancellationToken cancellationToken, bool isRepeatable = true) =>
        _database.RunAsync((connection, token) => statement.QueryAsync(connection, read, token), cancellationToken, isRepeatable);
}
