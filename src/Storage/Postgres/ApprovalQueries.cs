using Cluster.Engine.Approvals;
using NpgsqlTypes;

namespace Cluster.Storage.Postgres;

/// <summary>Filters and pages approvals in the database.</summary>
internal static class ApprovalQueries
{
    /// <summary>Writes the query of one page, newest first.</summary>
    /// <param name="query">Which approvals.</param>
    /// <returns>The statement.</returns>
    public static Statement ToPage(ApprovalQuery query) => Filter(new Statement(ApprovalColumns.Select + " WHERE true"), query)
        .Append(" ORDER BY a.created_at DESC, a.creation DESC")
        .Append(" LIMIT ?", NpgsqlDbType.Bigint, (long)query.Limit)
        .Append(" OFFSET ?", NpgsqlDbType.Bigint, (long)query.Offset);

    /// <summary>Writes the query that counts what is on all pages together.</summary>
    /// <param name="query">Which approvals.</param>
    /// <returns>The statement.</returns>
    public static Statement ToCount(ApprovalQuery query) => Filter(new Statement("SELECT count(*)::integer FROM approvals a WHERE true"), query);

    /// <summary>Writes the query of those for which something is left to do.</summary>
    /// <param name="now">The time, in Unix seconds.</param>
    /// <param name="limit">How many at most.</param>
    /// <returns>The statement.</returns>
    public static Statement ToDue(long now, int limit) => new Statement(ApprovalColumns.Select)
        .Append(" WHERE (a.status = 'pending' AND a.expires_at <= ?)", NpgsqlDbType.Bigint, now)
        .Append(" OR (a.status <> 'pending' AND NOT a.is_applied AND r.status = 'PAUSED')")
        .Append(" ORDER BY (a.status = 'pending') DESC, a.creation DESC LIMIT ?", NpgsqlDbType.Bigint, (long)limit);

    private static Statement Filter(Statement statement, ApprovalQuery query)
    {
        foreach (var (column, wanted) in Wanted(query))
        {
            if (Values.Id(wanted, column) is { } value)
            {
                statement.Append($" AND a.{column} = ?", NpgsqlDbType.Text, value);
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
