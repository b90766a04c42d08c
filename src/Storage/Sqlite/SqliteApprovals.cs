using System.Collections.Immutable;
using Cluster.Engine.Approvals;
using Cluster.Engine.Scopes;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Sqlite;

/// <summary>Keeps approvals in SQLite. Those of runs are created by <see cref="SqliteStore"/>, in one step with their pause.</summary>
/// <param name="database">The database, which it does not own.</param>
/// <param name="tenant">Whose approvals.</param>
public sealed class SqliteApprovals(SqliteDatabase database, TenantId tenant) : IApprovalStore
{
    /// <inheritdoc/>
    public Task<ApprovalRecord?> FindAsync(string approvalId, CancellationToken cancellationToken = default)
    {
        var statement = ApprovalQueries.ToFind(tenant, approvalId);
        return Task.FromResult(database.Read(connection => connection.Find(statement, ApprovalColumns.Read)));
    }

    /// <inheritdoc/>
    public Task<ApprovalPage> ListAsync(ApprovalQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Task.FromResult(database.Read(connection =>
        {
            var approvals = query.Limit == 0 ? [] : connection.Query(ApprovalQueries.ToPage(tenant, query), ApprovalColumns.Read);
            var isWhole = query.Offset == 0 && approvals.Count < query.Limit;
            return new ApprovalPage([.. approvals], isWhole ? approvals.Count : (int)connection.Number(ApprovalQueries.ToCount(tenant, query))!.Value);
        }));
    }

    /// <inheritdoc/>
    public Task<ResolvedApproval?> ResolveAsync(string approvalId, ApprovalResolution resolution, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resolution);
        Values.Id(approvalId, "approval id");
        return database.WriteAsync(connection => ApprovalRows.Resolve(connection, tenant, approvalId, resolution), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(string approvalId, CancellationToken cancellationToken = default)
    {
        var statement = new Statement("DELETE FROM approvals WHERE tenant_id = $1 AND approval_id = $2").Add(tenant).Add(ColumnType.Text, Values.Id(approvalId, "approval id"));
        return database.WriteAsync(connection => connection.Execute(statement) > 0, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<ApprovalRecord>> ListDueAsync(long now, int limit, CancellationToken cancellationToken = default) =>
        Task.FromResult(database.Query(ApprovalQueries.ToDue(tenant, now, limit), ApprovalColumns.Read).ToImmutableArray());
}
