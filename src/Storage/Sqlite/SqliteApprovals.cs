using System.Collections.Immutable;
using Cluster.Engine.Approvals;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Sqlite;

/// <summary>Keeps approvals in SQLite. Those of runs are created by <see cref="SqliteStore"/>, in one step with their pause.</summary>
/// <param name="database">The database, which it does not own.</param>
public sealed class SqliteApprovals(SqliteDatabase database) : IApprovalStore
{
    /// <inheritdoc/>
    public Task<ApprovalRecord?> FindAsync(string approvalId, CancellationToken cancellationToken = default)
    {
        var statement = ApprovalQueries.ToFind(approvalId);
        return Task.FromResult(database.Read(connection => connection.Find(statement, ApprovalColumns.Read)));
    }

    /// <inheritdoc/>
    public Task<ApprovalPage> ListAsync(ApprovalQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Task.FromResult(database.Read(connection =>
        {
            var approvals = query.Limit == 0 ? [] : connection.Query(ApprovalQueries.ToPage(query), ApprovalColumns.Read);
            var isWhole = query.Offset == 0 && approvals.Count < query.Limit;
            return new ApprovalPage([.. approvals], isWhole ? approvals.Count : (int)connection.Number(ApprovalQueries.ToCount(query))!.Value);
        }));
    }

    /// <inheritdoc/>
    public Task<ResolvedApproval?> ResolveAsync(string approvalId, ApprovalResolution resolution, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resolution);
        Values.Id(approvalId, "approval id");
        return database.WriteAsync(connection => ApprovalRows.Resolve(connection, approvalId, resolution), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(string approvalId, CancellationToken cancellationToken = default)
    {
        var statement = new Statement("DELETE FROM approvals WHERE approval_id = $1").Add(ColumnType.Text, Values.Id(approvalId, "approval id"));
        return database.WriteAsync(connection => connection.Execute(statement) > 0, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<ApprovalRecord>> ListDueAsync(long now, int limit, CancellationToken cancellationToken = default) =>
        Task.FromResult(database.Query(ApprovalQueries.ToDue(now, limit), ApprovalColumns.Read).ToImmutableArray());
}
