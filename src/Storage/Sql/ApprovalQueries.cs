using Cluster.Engine.Approvals;
using Cluster.Engine.Scopes;

namespace Cluster.Storage.Sql;

/// <summary>Filters and pages approvals in the database.</summary>
internal static class ApprovalQueries
{
    private const string IsDue = "((a.status = 'pending' AND a.expires_at <= ?) OR (a.status <> 'pending' AND NOT a.is_applied AND r.status = 'PAUSED'))";

    /// <summary>Writes the query of the tenants that have some for which something is left to do.</summary>
    /// <param name="now">The time, in Unix seconds.</param>
    /// <returns>The statement.</returns>
    public static Statement ToDueTenants(long now) => new Statement("SELECT DISTINCT a.tenant_id FROM approvals a LEFT JOIN runs r ON r.tenant_id = a.tenant_id AND r.run_id = a.run_id WHERE ")
        .Append(IsDue, ColumnType.Long, now);

    /// <summary>Writes the query of one approval.</summary>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="approvalId">Its id.</param>
    /// <returns>The statement.</returns>
    public static Statement ToFind(TenantId tenant, string approvalId) => new Statement(ApprovalColumns.Select + " WHERE a.tenant_id = $1 AND a.approval_id = $2")
        .Add(tenant)
        .Add(ColumnType.Text, Values.Id(approvalId, "approval id"));

    /// <summary>Writes the query of one page, newest first.</summary>
    /// <param name="tenant">Whose they are.</param>
    /// <param name="query">Which approvals.</param>
    /// <returns>The statement.</returns>
    public static Statement ToPage(TenantId tenant, ApprovalQuery query) => Filter(new Statement(ApprovalColumns.Select + " WHERE a.tenant_id = $1").Add(tenant), query)
        .Append(" ORDER BY a.created_at DESC, a.creation DESC")
        .Append(" LIMIT ?", ColumnType.Long, (long)query.Limit)
        .Append(" OFFSET ?", ColumnType.Long, (long)query.Offset);

    /// <summary>Writes the query that counts what is on all pages together.</summary>
    /// <param name="tenant">Whose they are.</param>
    /// <param name="query">Which approvals.</param>
    /// <returns>The statement.</returns>
    public static Statement ToCount(TenantId tenant, ApprovalQuery query) => Filter(new Statement("SELECT count(*) FROM approvals a WHERE a.tenant_id = $1").Add(tenant), query);

    /// <summary>Writes the query of those for which something is left to do.</summary>
    /// <param name="tenant">Whose they are.</param>
    /// <param name="now">The time, in Unix seconds.</param>
    /// <param name="limit">How many at most.</param>
    /// <returns>The statement.</returns>
    public static Statement ToDue(TenantId tenant, long now, int limit) => new Statement(ApprovalColumns.Select + " WHERE a.tenant_id = $1 AND ").Add(tenant)
        .Append(IsDue, ColumnType.Long, now)
        .Append(" ORDER BY (a.status = 'pending') DESC, a.creation DESC LIMIT ?", ColumnType.Long, (long)limit);

    private static Statement Filter(Statement statement, ApprovalQuery query)
    {
        foreach (var (column, wanted) in Wanted(query))
        {
            if (Values.Id(wanted, column) is { } value)
            {
                statement.Append($" AND a.{column} = ?", ColumnType.Text, value);
            }
        }

        return statement;
    }

    private static IEnumerable<(string Column, string? Wanted)> Wanted(ApprovalQuery query) =>
    [
        ("status", query.Status),
        ("source_type", query.SourceType),
        ("approval_type", query.ApprovalType),
        ("pause_type", query.PauseType),
        ("agent_id", query.AgentId),
        ("team_id", query.TeamId),
        ("workflow_id", query.WorkflowId),
        ("user_id", query.UserId),
        ("schedule_id", query.ScheduleId),
        ("run_id", query.RunId),
    ];
}
