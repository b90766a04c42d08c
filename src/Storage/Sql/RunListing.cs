using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;

namespace Cluster.Storage.Sql;

/// <summary>Lists the runs of a session.</summary>
internal static class RunListing
{
    /// <summary>Writes the query, newest first.</summary>
    /// <param name="dialect">In whose words.</param>
    /// <param name="tenant">Whose runs.</param>
    /// <param name="query">Which runs.</param>
    /// <param name="prefix">What goes before the query, for instance to have it explained.</param>
    /// <returns>The statement.</returns>
    public static Statement ToStatement(SqlDialect dialect, TenantId tenant, RunQuery query, string prefix = "")
    {
        var statement = new Statement($"{prefix}SELECT {RunColumns.Names} FROM runs").Add(tenant);
        statement.Append($" WHERE {dialect.OfSession}", ColumnType.Text, Values.SessionId(query.SessionId));
        if (query.Status is { } status)
        {
            // Not a parameter, so that every plan may use the index of the completed runs.
            statement.Append($" AND status = '{RunColumns.ToText(status)}'");
        }

        if (query.Before is { } before)
        {
            statement.Append(" AND sequence < ?", ColumnType.Long, before);
        }

        if (Values.Id(query.ComponentId, "component id") is { } componentId)
        {
            statement.Append(" AND component_id = ?", ColumnType.Text, componentId);
            if (dialect.OfSessionHash is { } hash)
            {
                statement.Append($" AND {hash}", ColumnType.Text, query.SessionId);
            }
        }

        if (Values.Id(query.ParentRunId, "parent run id") is { } parentRunId)
        {
            statement.Append(" AND parent_run_id = ?", ColumnType.Text, parentRunId);
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
        return query.Last is { } last ? statement.Append(" LIMIT ?", ColumnType.Long, (long)last) : statement;
    }
}
