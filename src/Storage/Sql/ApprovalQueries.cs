using Cluster.Engine.Approvals;

namespace Cluster.Storage.Sql;

/// <summary>Filters and pages approvals in the database.</summary>
internal static class ApprovalQueries
{
    /// <summary>Writes the query of one approval.</summary>
    /// <param name="approvalId">Its id.</param>
    /// <returns>The statement.</returns>
    public static Statement ToFind(string approvalId) =>
        new Statement(ApprovalColumns.Select + " WHERE a.approval_id = $1").Add(ColumnType.Text, Values.Id(approvalId, "approval id"));

    /// <summary>Writes the query of one page, newest first.</summary>
    /// <param name="query">Which approvals.</param>
    /// <returns>The statement.</returns>
    public static Statement ToPage(ApprovalQuery query) => Filter(new Statement(ApprovalColumns.Select + " WHERE true"), query)
        .Append(" ORDER BY a.created_at DESC, a.creation DESC")
        .Append(" LIMIT ?", ColumnType.Long, (long)query.Limit)
        .Append(" OFFSET ?", ColumnType.Long, (long)query.Offset);

    /// <summary>Writes the query that counts what is on all pages together.</summary>
    /// <param name="query">Which approvals.</param>
    /// <returns>The statement.</returns>
    public static Statement ToCount(ApprovalQuery query) => Filter(new Statement("SELECT count(*) FROM approvals a WHERE true"), query);

    /// <summary>Writes the query of those for which something is left to do.</summary>
    /// <param name="now">The time, in Unix seconds.</param>
    /// <param name="limit">How many at most.</param>
    /// <returns>The statement.</returns>
    public static Statement ToDue(long now, int limit) => new Statement(ApprovalColumns.Select)
        .Append(" WHERE (a.status = 'pending' AND a.expires_at <= ?)", ColumnType.Long, now)
        .Append(" OR (a.status <> 'pending' AND NOT a.is_applied AND r.status = 'PAUSED')")
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
