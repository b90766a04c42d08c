using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;

namespace Cluster.Storage.Sql;

/// <summary>Filters, sorts and pages sessions in the database.</summary>
internal static class SessionListing
{
    /// <summary>Writes the query of one page.</summary>
    /// <param name="dialect">In whose words.</param>
    /// <param name="tenant">Whose sessions.</param>
    /// <param name="query">Which sessions, in which order.</param>
    /// <returns>The statement.</returns>
    public static Statement ToPage(SqlDialect dialect, TenantId tenant, SessionQuery query) =>
        Filter(dialect, new Statement($"SELECT {SessionColumns.Names} FROM sessions WHERE tenant_id = $1").Add(tenant), query)
        .Append($" ORDER BY {Order(query)}")
        .Append(" LIMIT ?", ColumnType.Long, (long)query.Limit)
        .Append(" OFFSET ?", ColumnType.Long, (long)query.Offset);

    /// <summary>Writes the query that counts what is on all pages together.</summary>
    /// <param name="dialect">In whose words.</param>
    /// <param name="tenant">Whose sessions.</param>
    /// <param name="query">Which sessions.</param>
    /// <returns>The statement.</returns>
    public static Statement ToCount(SqlDialect dialect, TenantId tenant, SessionQuery query) =>
        Filter(dialect, new Statement("SELECT count(*) FROM sessions WHERE tenant_id = $1").Add(tenant), query);

    private static Statement Filter(SqlDialect dialect, Statement statement, SessionQuery query)
    {
        if (query.SessionType is { } type)
        {
            statement.Append(" AND session_type = ?", ColumnType.Text, SessionColumns.ToText(type));
        }

        if (Values.Id(query.ComponentId, "component id") is { } componentId)
        {
            statement.Append(" AND component_id = ?", ColumnType.Text, componentId);
        }

        if (Values.Id(query.UserId, "user id") is { } userId)
        {
            statement.Append(" AND user_id = ?", ColumnType.Text, userId);
        }

        if (Values.Folded(query.NameContains) is { } part)
        {
            statement.Append($" AND {dialect.InColumn("session_name_folded")}", ColumnType.Bytes, part);
        }

        return statement;
    }

    private static string Order(SessionQuery query)
    {
        var column = query.SortBy switch
        {
            SessionSort.UpdatedAt => "updated_at",
            SessionSort.SessionId => "session_id",
            _ => "created_at",
        };
        return query.Descending ? $"{column} DESC, creation DESC" : $"{column}, creation";
    }
}
