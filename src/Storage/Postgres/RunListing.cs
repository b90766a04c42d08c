using Cluster.Engine.Runs;
using NpgsqlTypes;

namespace Cluster.Storage.Postgres;

/// <summary>Lists the runs of a session.</summary>
internal static class RunListing
{
    /// <summary>Writes the query, newest first.</summary>
    /// <param name="query">Which runs.</param>
    /// <returns>The statement.</returns>
    public static Statement ToStatement(RunQuery query)
    {
        var statement = new Statement($"SELECT {RunColumns.Names} FROM runs");
        statement.Append(" WHERE session_id = ?", NpgsqlDbType.Text, Values.SessionId(query.SessionId));
        if (query.Status is { } status)
        {
            statement.Append(" AND status = ?", NpgsqlDbType.Text, RunColumns.ToText(status));
        }

        if (query.Before is { } before)
        {
            statement.Append(" AND sequence < ?", NpgsqlDbType.Bigint, before);
        }

        if (query.TopLevelOnly)
        {
            statement.Append(" AND parent_run_id IS NULL");
        }

        statement.Append(" ORDER BY sequence DESC");
        return query.Last is { } last ? statement.Append(" LIMIT ?", NpgsqlDbType.Bigint, (long)last) : statement;
    }
}
