using System.Data.Common;
using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Sessions;

namespace Cluster.Storage.Sql;

/// <summary>Sessions as rows.</summary>
internal static class SessionColumns
{
    /// <summary>The columns in the order in which <see cref="Read"/> expects them.</summary>
    public const string Names =
        "session_id, session_type, component_id, user_id, session_name, first_input, session_state, metadata, metrics, component_data, created_at, updated_at";

    /// <summary>Reads a row.</summary>
    /// <param name="row">The row, with <see cref="Names"/> as its columns.</param>
    /// <returns>The session.</returns>
    public static SessionRecord Read(DbDataReader row) => new()
    {
        SessionId = row.GetString(0),
        SessionType = ToType(row.GetString(1)),
        ComponentId = row.GetText(2),
        UserId = row.GetText(3),
        SessionName = row.GetJson(4, EngineJson.Context.String),
        FirstInput = row.GetJson(5, EngineJson.Context.String),
        SessionState = row.GetElement(6),
        Metadata = row.GetElement(7),
        Metrics = ReadMetrics(row, 8),
        ComponentData = row.GetElement(9),
        CreatedAt = row.GetInt64(10),
        UpdatedAt = row.GetInt64(11),
    };

    /// <summary>A sum that cannot be read must hide neither its session nor those beside it: the session is shown as one whose runs cost nothing.</summary>
    private static RunMetrics? ReadMetrics(DbDataReader row, int column)
    {
        try
        {
            return row.GetJson(column, EngineJson.Context.RunMetrics);
        }
        catch (JsonException)
        {
            return RunMetrics.None;
        }
    }

    /// <summary>Gives the name of a type as rows hold it.</summary>
    /// <param name="type">The type.</param>
    /// <returns>The name.</returns>
    public static string ToText(SessionType type) => type switch
    {
        SessionType.Agent => "agent",
        SessionType.Team => "team",
        SessionType.Workflow => "workflow",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "This kind of session cannot be stored."),
    };

    /// <summary>Gives the type that a row names.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The type.</returns>
    public static SessionType ToType(string name) => Enum.Parse<SessionType>(name, ignoreCase: true);
}
