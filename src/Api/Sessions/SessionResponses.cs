using System.Text.Json;
using Cluster.Api.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Sessions;

namespace Cluster.Api.Sessions;

/// <summary>A session in lists.</summary>
internal sealed record SessionResponse
{
    public required string SessionId { get; init; }

    public required string SessionName { get; init; }

    public JsonElement? SessionState { get; init; }

    public required string CreatedAt { get; init; }

    public required string UpdatedAt { get; init; }

    public required SessionType SessionType { get; init; }

    public string? UserId { get; init; }

    public string? AgentId { get; init; }

    public string? TeamId { get; init; }

    public string? WorkflowId { get; init; }

    public RunMetrics? Metrics { get; init; }

    public long? TotalTokens { get; init; }

    public JsonElement? Metadata { get; init; }

    public static SessionResponse Of(SessionRecord session) => new()
    {
        SessionId = session.SessionId,
        SessionName = SessionText.NameOf(session),
        SessionState = session.SessionState,
        CreatedAt = Timestamps.FromUnixSeconds(session.CreatedAt),
        UpdatedAt = Timestamps.FromUnixSeconds(session.UpdatedAt),
        SessionType = session.SessionType,
        UserId = session.UserId,
        AgentId = SessionText.ComponentOf(session, SessionType.Agent),
        TeamId = SessionText.ComponentOf(session, SessionType.Team),
        WorkflowId = SessionText.ComponentOf(session, SessionType.Workflow),
        Metrics = session.Metrics,
        TotalTokens = SessionText.TokensOf(session),
        Metadata = session.Metadata,
    };
}

/// <summary>An agent's session in full.</summary>
internal sealed record AgentSessionResponse : ISchema
{
    public string? UserId { get; init; }

    public required string AgentSessionId { get; init; }

    public required string SessionId { get; init; }

    public required string SessionName { get; init; }

    public JsonElement? SessionSummary { get; init; }

    public JsonElement? SessionState { get; init; }

    public string? AgentId { get; init; }

    public long? TotalTokens { get; init; }

    public JsonElement? AgentData { get; init; }

    public RunMetrics? Metrics { get; init; }

    public JsonElement? Metadata { get; init; }

    public required IReadOnlyList<Message> ChatHistory { get; init; }

    public required string CreatedAt { get; init; }

    public required string UpdatedAt { get; init; }

    public static AgentSessionResponse Of(SessionRecord session, IReadOnlyList<Message> history) => new()
    {
        UserId = session.UserId,
        AgentSessionId = session.SessionId,
        SessionId = session.SessionId,
        SessionName = SessionText.NameOf(session, SessionType.Agent),
        SessionState = session.SessionState,
        AgentId = SessionText.ComponentOf(session, SessionType.Agent),
        TotalTokens = SessionText.TokensOf(session),
        AgentData = SessionText.DataOf(session, SessionType.Agent),
        Metrics = session.Metrics,
        Metadata = session.Metadata,
        ChatHistory = history,
        CreatedAt = Timestamps.FromUnixSeconds(session.CreatedAt),
        UpdatedAt = Timestamps.FromUnixSeconds(session.UpdatedAt),
    };
}

/// <summary>A team's session in full.</summary>
internal sealed record TeamSessionResponse : ISchema
{
    public required string SessionId { get; init; }

    public required string SessionName { get; init; }

    public string? UserId { get; init; }

    public string? TeamId { get; init; }

    public JsonElement? SessionSummary { get; init; }

    public JsonElement? SessionState { get; init; }

    public RunMetrics? Metrics { get; init; }

    public JsonElement? TeamData { get; init; }

    public JsonElement? Metadata { get; init; }

    public required IReadOnlyList<Message> ChatHistory { get; init; }

    public required string CreatedAt { get; init; }

    public required string UpdatedAt { get; init; }

    public long? TotalTokens { get; init; }

    public static TeamSessionResponse Of(SessionRecord session, IReadOnlyList<Message> history) => new()
    {
        SessionId = session.SessionId,
        SessionName = SessionText.NameOf(session, SessionType.Team),
        UserId = session.UserId,
        TeamId = SessionText.ComponentOf(session, SessionType.Team),
        SessionState = session.SessionState,
        Metrics = session.Metrics,
        TeamData = SessionText.DataOf(session, SessionType.Team),
        Metadata = session.Metadata,
        ChatHistory = history,
        CreatedAt = Timestamps.FromUnixSeconds(session.CreatedAt),
        UpdatedAt = Timestamps.FromUnixSeconds(session.UpdatedAt),
        TotalTokens = SessionText.TokensOf(session),
    };
}

/// <summary>A workflow's session in full.</summary>
internal sealed record WorkflowSessionResponse : ISchema
{
    public string? UserId { get; init; }

    public string? WorkflowId { get; init; }

    public string? WorkflowName { get; init; }

    public required string SessionId { get; init; }

    public required string SessionName { get; init; }

    public required WorkflowSessionContent SessionData { get; init; }

    public JsonElement? SessionState { get; init; }

    public required JsonElement WorkflowData { get; init; }

    public required JsonElement Metadata { get; init; }

    public required string CreatedAt { get; init; }

    public required string UpdatedAt { get; init; }

    public static WorkflowSessionResponse Of(SessionRecord session) => new()
    {
        UserId = session.UserId,
        WorkflowId = SessionText.ComponentOf(session, SessionType.Workflow),
        SessionId = session.SessionId,
        SessionName = SessionText.NameOf(session, SessionType.Workflow),
        SessionData = new WorkflowSessionContent(session.SessionName, session.SessionState, session.Metrics),
        SessionState = session.SessionState,
        WorkflowData = SessionText.DataOf(session, SessionType.Workflow) ?? Engine.Json.EngineJson.EmptyObject,
        Metadata = session.Metadata ?? Engine.Json.EngineJson.EmptyObject,
        CreatedAt = Timestamps.FromUnixSeconds(session.CreatedAt),
        UpdatedAt = Timestamps.FromUnixSeconds(session.UpdatedAt),
    };
}

/// <summary>What a workflow's session keeps between runs.</summary>
/// <param name="SessionName">The name that somebody gave it.</param>
/// <param name="SessionState">The state.</param>
/// <param name="SessionMetrics">The costs of all runs together.</param>
internal sealed record WorkflowSessionContent(string? SessionName, JsonElement? SessionState, RunMetrics? SessionMetrics);

/// <summary>What the shapes of sessions have in common.</summary>
internal static class SessionText
{
    public static string NameOf(SessionRecord session) => session.SessionName ?? session.FirstInput ?? string.Empty;

    /// <summary>Seen as a session of another kind, a session without a given name has none: its first run is of the wrong kind.</summary>
    public static string NameOf(SessionRecord session, SessionType shape) =>
        session.SessionType == shape ? NameOf(session) : session.SessionName ?? string.Empty;

    public static string? ComponentOf(SessionRecord session, SessionType shape) => session.SessionType == shape ? session.ComponentId : null;

    public static JsonElement? DataOf(SessionRecord session, SessionType shape) => session.SessionType == shape ? session.ComponentData : null;

    public static long? TokensOf(SessionRecord session) => session.Metrics is { TotalTokens: > 0 } metrics ? metrics.TotalTokens : null;
}
