using System.Collections.Immutable;
using Cluster.Engine.Scopes;
using Cluster.Engine.Storage;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Retention;

/// <summary>Finds and deletes what is not kept any longer.</summary>
/// <param name="dialect">In whose words.</param>
/// <param name="tenant">Whose sessions and runs.</param>
internal sealed class RetentionStatements(SqlDialect dialect, TenantId tenant)
{
    private const string Settled = "status NOT IN ('PENDING', 'RUNNING', 'PAUSED')";

    /// <summary>Writes the query of the next sessions: number, time, id, whether a run of it may go, and whether it may go because it never had one.</summary>
    /// <param name="query">What to take away.</param>
    /// <param name="after">The last session that was looked at; null for none.</param>
    /// <param name="limit">How many to look at.</param>
    /// <returns>The statement.</returns>
    public Statement ToPage(RetentionQuery query, RetentionCursor? after, int limit)
    {
        var statement = new Statement("WITH page AS (SELECT creation, tenant_id, created_at, session_id, updated_at FROM sessions WHERE tenant_id = $1").Add(tenant);
        if (after is not null)
        {
            // The session on which the last step ended may hold more.
            statement.Append(" AND (created_at, creation) >= (?,", ColumnType.Long, after.CreatedAt).Append(" ?)", ColumnType.Long, after.Creation);
        }

        if (query.AcceptedBefore is { } before)
        {
            statement.Append(" AND created_at < ?", ColumnType.Long, before);
        }

        if (Values.Id(query.ComponentId, "component id") is { } componentId)
        {
            statement.Append(" AND component_id = ?", ColumnType.Text, componentId);
        }

        statement.Append(" ORDER BY created_at, creation LIMIT ?", ColumnType.Long, (long)limit);
        statement.Append($") SELECT s.creation, s.created_at, s.session_id, EXISTS (SELECT 1 FROM runs r WHERE {dialect.OfSessionRow}");
        Filter(statement, query, after: 0);
        statement.Append($"), NOT EXISTS (SELECT 1 FROM runs r WHERE {dialect.OfSessionRow}) AND s.updated_at < ?", ColumnType.Long, query.AcceptedBefore ?? long.MinValue);
        return statement.Append(" FROM page s ORDER BY s.created_at, s.creation");
    }

    /// <summary>Writes the query of the runs of a session that may go, oldest first: place and id.</summary>
    /// <param name="query">What to take away.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="after">The last run that was looked at.</param>
    /// <param name="limit">How many to find.</param>
    /// <returns>The statement.</returns>
    public Statement ToCandidates(RetentionQuery query, string sessionId, long after, int limit)
    {
        var statement = new Statement($"SELECT r.sequence, r.run_id FROM sessions s JOIN runs r ON {dialect.OfSessionRow} WHERE s.tenant_id = $1").Add(tenant).Append(" AND s.session_id = ?", ColumnType.Text, sessionId);
        return Filter(statement, query, after).Append(" ORDER BY r.sequence LIMIT ?", ColumnType.Long, (long)limit);
    }

    /// <summary>Writes the query of runs with all that they started: the run that began it, its id, and whether it has settled.</summary>
    /// <param name="runIds">The runs.</param>
    /// <returns>The statement.</returns>
    public Statement ToTrees(ImmutableArray<string> runIds) => dialect.Lists
        .AppendAmong(new Statement("WITH RECURSIVE tree (root, run_id, status) AS (SELECT r.run_id, r.run_id, r.status FROM runs r WHERE r.tenant_id = $1 AND ").Add(tenant), "r.run_id", runIds)
        .Append($" UNION ALL SELECT t.root, c.run_id, c.status FROM tree t JOIN runs c ON c.tenant_id = $1 AND c.parent_run_id = t.run_id) SELECT root, run_id, {Settled} FROM tree");

    /// <summary>Writes the query that counts the runs of a session.</summary>
    /// <param name="sessionId">The session.</param>
    /// <returns>The statement.</returns>
    public Statement ToCount(string sessionId) =>
        new Statement($"SELECT count(*) FROM sessions s JOIN runs r ON {dialect.OfSessionRow} WHERE s.tenant_id = $1 AND s.session_id = $2").Add(tenant).Add(ColumnType.Text, sessionId);

    /// <summary>Writes the statement that deletes the events of runs.</summary>
    /// <param name="runIds">The runs, which are still there.</param>
    /// <returns>The statement.</returns>
    public Statement ToDeleteEvents(ImmutableArray<string> runIds) =>
        dialect.Lists.AppendAmong(new Statement($"DELETE FROM run_events WHERE {dialect.EventsOfRuns} (SELECT {dialect.EventsKey} FROM runs WHERE tenant_id = $1 AND ").Add(tenant), "run_id", runIds).Append(")");

    /// <summary>Writes the statement that deletes runs as long as they have settled, and returns their ids.</summary>
    /// <param name="runIds">The runs.</param>
    /// <returns>The statement.</returns>
    public Statement ToDeleteRuns(ImmutableArray<string> runIds) =>
        dialect.Lists.AppendAmong(new Statement("DELETE FROM runs WHERE tenant_id = $1 AND ").Add(tenant), "run_id", runIds).Append($" AND {Settled} RETURNING run_id");

    /// <summary>Writes the statement that deletes a session that has no runs.</summary>
    /// <param name="sessionId">The session.</param>
    /// <returns>The statement.</returns>
    public Statement ToDeleteSession(string sessionId) =>
        new Statement($"DELETE FROM sessions AS s WHERE tenant_id = $1 AND session_id = $2 AND NOT EXISTS (SELECT 1 FROM runs r WHERE {dialect.OfSessionRow})").Add(tenant).Add(ColumnType.Text, sessionId);

    /// <summary>Writes the statement that deletes decisions about runs that are gone.</summary>
    /// <param name="query">What to take away; it has a time.</param>
    /// <returns>The statement.</returns>
    public Statement ToDeleteApprovals(RetentionQuery query)
    {
        var statement = new Statement("DELETE FROM approvals WHERE tenant_id = $1 AND approval_id IN (SELECT a.approval_id FROM approvals a WHERE a.tenant_id = $1 AND a.status <> 'pending'").Add(tenant)
            .Append(" AND a.created_at < ?", ColumnType.Long, query.AcceptedBefore!.Value)
            .Append(" AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.tenant_id = a.tenant_id AND r.run_id = a.run_id)");
        if (Values.Id(query.ComponentId, "component id") is { } componentId)
        {
            statement.Append(" AND (a.agent_id = ? OR a.team_id = ?)", ColumnType.Text, componentId);
        }

        return statement.Append(" LIMIT ?)", ColumnType.Long, (long)query.StepSize);
    }

    /// <summary>Writes the query of the place of one of the newest runs of a component.</summary>
    /// <param name="componentId">The component.</param>
    /// <param name="count">Which of them, from 1.</param>
    /// <returns>The statement.</returns>
    public Statement ToNewest(string componentId, int count) => new Statement("SELECT sequence FROM runs WHERE tenant_id = $1 AND parent_run_id IS NULL").Add(tenant)
        .Append(" AND component_id = ?", ColumnType.Text, Values.Id(componentId, "component id")!)
        .Append(" ORDER BY sequence DESC LIMIT 1 OFFSET ?", ColumnType.Long, (long)count - 1);

    /// <summary>Writes the query of the components that have sessions.</summary>
    /// <returns>The statement.</returns>
    public Statement ToComponents() => new Statement("SELECT DISTINCT component_id FROM sessions WHERE tenant_id = $1 AND component_id IS NOT NULL ORDER BY component_id").Add(tenant);

    private Statement Filter(Statement statement, RetentionQuery query, long after)
    {
        statement.Append($" AND r.parent_run_id IS NULL AND r.{Settled}").Append(" AND r.sequence > ?", ColumnType.Long, after);
        if (query.AcceptedBefore is { } before)
        {
            statement.Append(" AND r.created_at < ?", ColumnType.Long, before);
        }

        if (query.KeepFrom is { } keepFrom)
        {
            statement.Append(" AND r.sequence < ?", ColumnType.Long, keepFrom);
        }

        return query.KeepOfSession is { } keep
            ? statement.Append(
                $" AND r.sequence < (SELECT n.sequence FROM runs n WHERE {dialect.OfSessionRow.Replace("r.", "n.", StringComparison.Ordinal)} AND n.parent_run_id IS NULL ORDER BY n.sequence DESC LIMIT 1 OFFSET ?)",
                ColumnType.Long,
                (long)keep - 1)
            : statement;
    }
}
