using Cluster.Engine.Json;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Postgres;

/// <summary>Creates and changes sessions.</summary>
internal static class SessionWriting
{
    /// <summary>Creates a session when its id is free; parameters 1 to 13 are its columns.</summary>
    public const string Insert =
        "INSERT INTO sessions (tenant_id, session_id, session_type, component_id, user_id, session_name, session_name_folded, first_input, session_state, metadata, "
        + "metrics, component_data, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) "
        + "ON CONFLICT DO NOTHING";

    /// <summary>Writes the statement that creates a session, which returns a row when the id was free.</summary>
    /// <param name="tenant">Whose session.</param>
    /// <param name="session">The session.</param>
    /// <returns>The statement.</returns>
    public static Statement ToInsert(TenantId tenant, SessionRecord session) => Add(new Statement($"{Insert} RETURNING true"), tenant, session);

    /// <summary>Adds the values of a new session.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="tenant">Whose session.</param>
    /// <param name="session">The session.</param>
    /// <returns>The statement.</returns>
    public static Statement Add(Statement statement, TenantId tenant, SessionRecord session) => statement
        .Add(tenant)
        .Add(ColumnType.Text, Values.SessionId(session.SessionId))
        .Add(ColumnType.Text, SessionColumns.ToText(session.SessionType))
        .Add(ColumnType.Text, Values.Id(session.ComponentId, "component id"))
        .Add(ColumnType.Text, Values.Id(session.UserId, "user id"))
        .Add(ColumnType.Json, Values.Text(session.SessionName))
        .Add(ColumnType.Bytes, Values.Folded(session.SessionName))
        .Add(ColumnType.Json, Values.Text(session.FirstInput))
        .Add(ColumnType.Json, Values.Json(session.SessionState))
        .Add(ColumnType.Json, Values.Json(session.Metadata))
        .Add(ColumnType.Json, Values.Json(session.Metrics, EngineJson.Context.RunMetrics))
        .Add(ColumnType.Json, Values.Json(session.ComponentData))
        .Add(ColumnType.Long, session.CreatedAt)
        .Add(ColumnType.Long, session.UpdatedAt);

    /// <summary>Writes the statement that changes a session, which returns it as it is now.</summary>
    /// <param name="tenant">Whose session.</param>
    /// <param name="sessionId">The session's id.</param>
    /// <param name="patch">The change.</param>
    /// <returns>The statement.</returns>
    public static Statement ToUpdate(TenantId tenant, string sessionId, SessionPatch patch) => new Statement(
            "UPDATE sessions SET session_name = coalesce($3, session_name), session_name_folded = coalesce($4, session_name_folded), "
            + "session_state = coalesce($5, session_state), metadata = coalesce($6, metadata), metrics = add_costs(coalesce($7, metrics), $8), updated_at = $9 "
            + $"WHERE tenant_id = $1 AND session_id = $2 RETURNING {SessionColumns.Names}")
        .Add(tenant)
        .Add(ColumnType.Text, Values.SessionId(sessionId))
        .Add(ColumnType.Json, Values.Text(patch.SessionName))
        .Add(ColumnType.Bytes, Values.Folded(patch.SessionName))
        .Add(ColumnType.Json, Values.Json(patch.SessionState))
        .Add(ColumnType.Json, Values.Json(patch.Metadata))
        .Add(ColumnType.Json, Values.Json(patch.Metrics, EngineJson.Context.RunMetrics))
        .Add(ColumnType.Json, Values.Json(patch.Costs, EngineJson.Context.RunMetrics))
        .Add(ColumnType.Long, patch.UpdatedAt);
}
