using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Sqlite;

/// <summary>Reads and writes the rows of sessions.</summary>
internal static class SessionRows
{
    private const string InsertSession =
        "INSERT INTO sessions (tenant_id, session_id, session_type, component_id, user_id, session_name, session_name_folded, first_input, session_state, metadata, "
        + "metrics, component_data, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, CAST($6 AS TEXT), $7, CAST($8 AS TEXT), CAST($9 AS TEXT), CAST($10 AS TEXT), "
        + "CAST($11 AS TEXT), CAST($12 AS TEXT), $13, $14) ON CONFLICT (tenant_id, session_id) DO NOTHING RETURNING creation";

    private const string UpdateSession =
        "UPDATE sessions SET session_name = coalesce(CAST($2 AS TEXT), session_name), session_name_folded = coalesce($3, session_name_folded), "
        + "session_state = coalesce(CAST($4 AS TEXT), session_state), metadata = coalesce(CAST($5 AS TEXT), metadata), "
        + "metrics = coalesce(CAST($6 AS TEXT), metrics), updated_at = $7 WHERE creation = $1";

    /// <summary>Reads what decides whether a run gets into a session.</summary>
    /// <param name="connection">Where from.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="sessionId">The session.</param>
    /// <returns>Its number and that part of it; null when there is none.</returns>
    public static Head? FindHead(PreparedConnection connection, TenantId tenant, string sessionId) => connection.Find(
        new Statement("SELECT creation, session_type, component_id, user_id, first_input FROM sessions WHERE tenant_id = $1 AND session_id = $2").Add(tenant).Add(ColumnType.Text, sessionId),
        row => new Head(row.GetInt64(0), new SessionRecord
        {
            SessionId = sessionId,
            SessionType = SessionColumns.ToType(row.GetString(1)),
            ComponentId = row.GetText(2),
            UserId = row.GetText(3),
            FirstInput = row.GetJson(4, EngineJson.Context.String),
        }));

    /// <summary>Creates a session.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="session">The session.</param>
    /// <returns>Its number; null when the id is taken.</returns>
    public static long? Insert(PreparedConnection connection, TenantId tenant, SessionRecord session) => connection.Number(new Statement(InsertSession)
        .Add(tenant)
        .Add(ColumnType.Text, session.SessionId)
        .Add(ColumnType.Text, SessionColumns.ToText(session.SessionType))
        .Add(ColumnType.Text, session.ComponentId)
        .Add(ColumnType.Text, session.UserId)
        .Add(ColumnType.Json, Values.Text(session.SessionName))
        .Add(ColumnType.Bytes, Values.Folded(session.SessionName))
        .Add(ColumnType.Json, Values.Text(session.FirstInput))
        .Add(ColumnType.Json, Values.Json(session.SessionState))
        .Add(ColumnType.Json, Values.Json(session.Metadata))
        .Add(ColumnType.Json, Values.Json(session.Metrics, EngineJson.Context.RunMetrics))
        .Add(ColumnType.Json, Values.Json(session.ComponentData))
        .Add(ColumnType.Long, session.CreatedAt)
        .Add(ColumnType.Long, session.UpdatedAt));

    /// <summary>Writes what a run changes of the session that it got into.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="creation">The session's number.</param>
    /// <param name="admitted">The session as it becomes.</param>
    public static void Admit(PreparedConnection connection, long creation, SessionRecord admitted) => connection.Execute(
        new Statement("UPDATE sessions SET component_id = $2, user_id = $3, first_input = CAST($4 AS TEXT), component_data = CAST($5 AS TEXT), updated_at = $6 WHERE creation = $1")
            .Add(ColumnType.Long, creation)
            .Add(ColumnType.Text, admitted.ComponentId)
            .Add(ColumnType.Text, admitted.UserId)
            .Add(ColumnType.Json, Values.Text(admitted.FirstInput))
            .Add(ColumnType.Json, Values.Json(admitted.ComponentData))
            .Add(ColumnType.Long, admitted.UpdatedAt));

    /// <summary>Changes a session.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="creation">The session's number.</param>
    /// <param name="patch">The change.</param>
    public static void Update(PreparedConnection connection, long creation, SessionPatch patch) => connection.Execute(new Statement(UpdateSession)
        .Add(ColumnType.Long, creation)
        .Add(ColumnType.Json, Values.Text(patch.SessionName))
        .Add(ColumnType.Bytes, Values.Folded(patch.SessionName))
        .Add(ColumnType.Json, Values.Json(patch.SessionState))
        .Add(ColumnType.Json, Values.Json(patch.Metadata))
        .Add(ColumnType.Json, Values.Json(SumOf(connection, creation, patch), EngineJson.Context.RunMetrics))
        .Add(ColumnType.Long, patch.UpdatedAt));

    /// <summary>Deletes sessions with their runs.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="userId">Whose it has to be; null for anybody's.</param>
    public static void Delete(PreparedConnection connection, TenantId tenant, string sessionId, string? userId)
    {
        var find = new Statement("SELECT creation FROM sessions WHERE tenant_id = $1 AND session_id = $2 AND ($3 IS NULL OR user_id = $3)")
            .Add(tenant)
            .Add(ColumnType.Text, sessionId)
            .Add(ColumnType.Text, userId);
        if (connection.Number(find) is not { } session)
        {
            return;
        }

        connection.Execute(new Statement("DELETE FROM run_events WHERE run IN (SELECT sequence FROM runs WHERE session = $1)").Add(ColumnType.Long, session));
        connection.Execute(new Statement("DELETE FROM runs WHERE session = $1").Add(ColumnType.Long, session));
        connection.Execute(new Statement("DELETE FROM sessions WHERE creation = $1").Add(ColumnType.Long, session));
    }

    private static RunMetrics? SumOf(PreparedConnection connection, long creation, SessionPatch patch) =>
        patch.Costs is { } costs ? (patch.Metrics ?? FindMetrics(connection, creation)).Add(costs) : patch.Metrics;

    private static RunMetrics FindMetrics(PreparedConnection connection, long creation) => connection.Find(
        new Statement("SELECT metrics FROM sessions WHERE creation = $1").Add(ColumnType.Long, creation),
        row => row.GetJson(0, EngineJson.Context.RunMetrics) ?? RunMetrics.None) ?? RunMetrics.None;

    /// <summary>A session's number, and what of it decides about runs.</summary>
    /// <param name="Creation">Its number.</param>
    /// <param name="Record">That part of it.</param>
    internal sealed record Head(long Creation, SessionRecord Record);
}
