using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Sessions;
using NpgsqlTypes;

namespace Cluster.Storage.Postgres;

/// <summary>Creates and changes sessions.</summary>
internal static class SessionWriting
{
    private const string Insert =
        "INSERT INTO sessions (session_id, session_type, component_id, user_id, session_name, session_name_folded, first_input, session_state, metadata, "
        + "metrics, component_data, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
        + "ON CONFLICT (session_id) DO NOTHING";

    /// <summary>Writes the statement that creates a session, which returns a row when the id was free.</summary>
    /// <param name="session">The session.</param>
    /// <returns>The statement.</returns>
    public static Statement ToInsert(SessionRecord session) => Add(new Statement($"{Insert} RETURNING true"), session);

    /// <summary>Writes the statement that creates a session with its runs, which returns a row when the id was free.</summary>
    /// <param name="copy">The session and its runs.</param>
    /// <returns>The statement.</returns>
    public static Statement ToInsert(SessionCopy copy)
    {
        const string Runs =
            "WITH made AS (" + Insert + " RETURNING session_id), "
            + "copied AS (SELECT run.* FROM made, unnest($14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25) WITH ORDINALITY AS run (run_id, component_id, "
            + "user_id, parent_run_id, status, generation, position, streamed, last_write, output, created_at, events, place)), "
            + "runs_made AS (INSERT INTO runs (run_id, session_id, component_id, user_id, parent_run_id, status, generation, position, streamed, last_write, output, created_at) "
            + "SELECT run_id, $1, component_id, user_id, parent_run_id, status, generation, position, streamed, last_write, output, created_at FROM copied ORDER BY place), "
            + "events_made AS (INSERT INTO run_events (run_id, position, events) SELECT run_id, 0, events FROM copied) "
            + "SELECT true FROM made";
        return Add(new Statement(Runs), copy.Session)
            .AddColumn(NpgsqlDbType.Text, copy.Runs, run => Values.Id(run.Output.RunId, "run id"))
            .AddColumn(NpgsqlDbType.Text, copy.Runs, run => Values.Id(run.Request.AgentId, "agent id"))
            .AddColumn(NpgsqlDbType.Text, copy.Runs, run => Values.Id(run.Request.UserId, "user id"))
            .AddColumn(NpgsqlDbType.Text, copy.Runs, run => Values.Id(run.Output.ParentRunId, "parent run id"))
            .AddColumn(NpgsqlDbType.Text, copy.Runs, run => RunColumns.ToText(run.Output.Status))
            .AddColumn(NpgsqlDbType.Bigint, copy.Runs, run => run.Generation)
            .AddColumn(NpgsqlDbType.Integer, copy.Runs, run => run.Events.Length)
            .AddColumn(NpgsqlDbType.Boolean, copy.Runs, run => run.Request.Streamed)
            .AddColumn(NpgsqlDbType.Uuid, copy.Runs, _ => Guid.NewGuid())
            .AddColumn(NpgsqlDbType.Json, copy.Runs, run => Values.Json(run.Output, EngineJson.Context.RunOutput))
            .AddColumn(NpgsqlDbType.Bigint, copy.Runs, run => run.Output.CreatedAt)
            .AddColumn(NpgsqlDbType.Json, copy.Runs, run => JsonSerializer.SerializeToUtf8Bytes(run.Events, EngineJson.Context.ImmutableArrayRunEvent));
    }

    private static Statement Add(Statement statement, SessionRecord session) => statement
        .Add(NpgsqlDbType.Text, Values.SessionId(session.SessionId))
        .Add(NpgsqlDbType.Text, SessionColumns.ToText(session.SessionType))
        .Add(NpgsqlDbType.Text, Values.Id(session.ComponentId, "component id"))
        .Add(NpgsqlDbType.Text, Values.Id(session.UserId, "user id"))
        .Add(NpgsqlDbType.Json, Values.Text(session.SessionName))
        .Add(NpgsqlDbType.Bytea, Values.Folded(session.SessionName))
        .Add(NpgsqlDbType.Json, Values.Text(session.FirstInput))
        .Add(NpgsqlDbType.Json, Values.Json(session.SessionState))
        .Add(NpgsqlDbType.Json, Values.Json(session.Metadata))
        .Add(NpgsqlDbType.Json, Values.Json(session.Metrics, EngineJson.Context.RunMetrics))
        .Add(NpgsqlDbType.Json, Values.Json(session.ComponentData))
        .Add(NpgsqlDbType.Bigint, session.CreatedAt)
        .Add(NpgsqlDbType.Bigint, session.UpdatedAt);

    /// <summary>Writes the statement that changes a session, which returns it as it is now.</summary>
    /// <param name="sessionId">The session's id.</param>
    /// <param name="patch">The change.</param>
    /// <returns>The statement.</returns>
    public static Statement ToUpdate(string sessionId, SessionPatch patch) => new Statement(
            "UPDATE sessions SET session_name = coalesce($2, session_name), session_name_folded = coalesce($3, session_name_folded), "
            + "session_state = coalesce($4, session_state), metadata = coalesce($5, metadata), metrics = add_costs(coalesce($6, metrics), $7), updated_at = $8 "
            + $"WHERE session_id = $1 RETURNING {SessionColumns.Names}")
        .Add(NpgsqlDbType.Text, Values.SessionId(sessionId))
        .Add(NpgsqlDbType.Json, Values.Text(patch.SessionName))
        .Add(NpgsqlDbType.Bytea, Values.Folded(patch.SessionName))
        .Add(NpgsqlDbType.Json, Values.Json(patch.SessionState))
        .Add(NpgsqlDbType.Json, Values.Json(patch.Metadata))
        .Add(NpgsqlDbType.Json, Values.Json(patch.Metrics, EngineJson.Context.RunMetrics))
        .Add(NpgsqlDbType.Json, Values.Json(patch.Costs, EngineJson.Context.RunMetrics))
        .Add(NpgsqlDbType.Bigint, patch.UpdatedAt);
}
