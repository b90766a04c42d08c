using Cluster.Engine.Sessions;
using NpgsqlTypes;

namespace Cluster.Storage.Postgres;

/// <summary>Filters, sorts and pages sessions in the database.</summary>
internal static class SessionListing
{
    /// <summary>Writes the query of one page.</summary>
    /// <param name="query">Which sessions, in which order.</param>
    /// <returns>The statement.</returns>
    public static Statement ToPage(SessionQuery query) => Filter(new Statement($"SELECT {SessionColumns.Names} FROM sessions WHERE true"), query)
        .Append($" ORDER BY {Order(query)}")
        .Append(" LIMIT ?", NpgsqlDbType.Bigint, (long)query.Limit)
        .Append(" OFFSET ?", NpgsqlDbType.Bigint, (long)query.Offset);

    /// <summary>Writes the query that counts what is on all pages together.</summary>
    /// <param name="query">Which sessions.</param>
    /// <returns>The statement.</returns>
    public static Statement ToCount(SessionQuery query) => Filter(new Statement("SELECT count(*)::integer FROM sessions WHERE true"), query);

    private static Statement Filter(Statement statement, SessionQuery query)
    {
        if (query.SessionType is { } type)
        {
            statement.Append(" AND session_type = ?", NpgsqlDbType.Text, SessionColumns.ToText(type));
        }

        if (Values.Id(query.ComponentId, "component id") is { } componentId)
        {
            statement.Append(" AND component_id = ?", NpgsqlDbType.Text, componentId);
        }

        if (Values.Id(query.UserId, "user id") is { } userId)
        {
            statement.Append(" AND user_id = ?", NpgsqlDbType.Text, userId);
        }

        if (Values.Folded(query.NameContains) is { } part)
        {
            statement.Append(" AND position(? IN session_name_folded) > 0", NpgsqlDbType.Bytea, part);
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
