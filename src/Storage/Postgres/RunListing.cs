using Cluster.Engine.Runs;
using NpgsqlTypes;

namespace Cluster.Storage.Postgres;

/// <summary>Lists the runs of a session.</summary>
internal static class RunListing
{
    /// <summary>Writes the query, newest first.</summary>
    /// <param name="query">Which runs.</param>
    /// <param name="prefix">What goes before the query, for instance to have it explained.</param>
    /// <returns>The statement.</returns>
    public static Statement ToStatement(RunQuery query, string prefix = "")
    {
        var statement = new Statement($"{prefix}SELECT {RunColumns.Names} FROM runs");
        statement.Append(" WHERE session_id = ?", NpgsqlDbType.Text, Values.SessionId(query.SessionId));
        if (query.Status is { } status)
        {
            // Not a parameter, so that every plan may use the index of the completed runs.
            statement.Append($" AND status = '{RunColumns.ToText(status)}'");
        }

        if (query.Before is { } before)
        {
            statement.Append(" AND sequence < ?", NpgsqlDbType.Bigint, before);
        }

        if (Values.Id(query.ComponentId, "component id") is { } componentId)
        {
            // The index of members' runs has a hash of the session's id, which may be too long to stand beside another one.
            statement.Append(" AND component_id = ?", NpgsqlDbType.Text, componentId)
                .Append(" AND hashtextextended(session_id, 0) = hashtextextended(? COLLATE \"C\", 0)", NpgsqlDbType.Text, query.SessionId);
        }

        if (Values.Id(query.ParentRunId, "parent run id") is { } parentRunId)
        {
            statement.Append(" AND parent_run_id = ?", NpgsqlDbType.Text, parentRunId);
        }

        if (query.TopLevelOnly)
        {
            statement.Append(" AND parent_run_id IS NULL");
        }

        if (query.MembersOnly)
        {
            // An index of its own holds what members remember.
            statement.Append(" AND parent_run_id IS NOT NULL");
        }

        statement.Append(" ORDER BY sequence DESC");
        return query.Last is { } last ? statement.Append(" LIMIT ?", NpgsqlDbType.Bigint, (long)last) : statement;
    }
}
