using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Engine.Messages;

namespace Cluster.Engine.Sessions;

/// <summary>A conversation: who talks with which agent, and what is remembered between runs. It does not hold the runs and never grows with them.</summary>
public sealed record SessionRecord
{
    /// <summary>Gets the session's id.</summary>
    public required string SessionId { get; init; }

    /// <summary>Gets what kind of component the session belongs to.</summary>
    public SessionType SessionType { get; init; }

    /// <summary>Gets the agent, team or workflow that the session belongs to; null while none has run in it and none was named.</summary>
    public string? ComponentId { get; init; }

    /// <summary>Gets the user that the session belongs to; null when nobody is named.</summary>
    public string? UserId { get; init; }

    /// <summary>Gets the name that somebody gave it; null when nobody did, and then <see cref="FirstInput"/> stands for it.</summary>
    public string? SessionName { get; init; }

    /// <summary>Gets the first message of the first run; null before any run.</summary>
    public string? FirstInput { get; init; }

    /// <summary>Gets the session state, an object; null when nothing ever set it.</summary>
    public JsonElement? SessionState { get; init; }

    /// <summary>Gets what the creator attached, an object; null when nothing.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>Gets the costs of all runs together; null when no run ever ended and no data was given at creation.</summary>
    public RunMetrics? Metrics { get; init; }

    /// <summary>Gets the component as it was when it last ran here, an object with its id, name and model; null before any run.</summary>
    public JsonElement? ComponentData { get; init; }

    /// <summary>Gets when the session was created, in Unix seconds.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Gets when it last changed, in Unix seconds.</summary>
    public long UpdatedAt { get; init; }
}

/// <summary>What kind of component a session belongs to.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SessionType>))]
public enum SessionType
{
    /// <summary>One agent.</summary>
    [JsonStringEnumMemberName("agent")]
    Agent,

    /// <summary>A team of agents.</summary>
    [JsonStringEnumMemberName("team")]
    Team,

    /// <summary>A workflow.</summary>
    [JsonStringEnumMemberName("workflow")]
    Workflow,
}

/// <summary>A change of a session. Members that are null leave what is there; the others replace it.</summary>
public sealed record SessionPatch
{
    /// <summary>Gets the new name.</summary>
    public string? SessionName { get; init; }

    /// <summary>Gets the new state, an object.</summary>
    public JsonElement? SessionState { get; init; }

    /// <summary>Gets the new metadata, an object.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>Gets the new sum of all costs.</summary>
    public RunMetrics? Metrics { get; init; }

    /// <summary>Gets what is added to the sum of all costs. Stores add it up, so that nobody has to read the sum first.</summary>
    public RunMetrics? Costs { get; init; }

    /// <summary>Gets when the change was made, in Unix seconds.</summary>
    public required long UpdatedAt { get; init; }

    /// <summary>Applies the change.</summary>
    /// <param name="session">The session as it is.</param>
    /// <returns>The session as it becomes.</returns>
    public SessionRecord ApplyTo(SessionRecord session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return session with
        {
            SessionName = SessionName ?? session.SessionName,
            SessionState = SessionState ?? session.SessionState,
            Metadata = Metadata ?? session.Metadata,
            Metrics = Add(Metrics ?? session.Metrics),
            UpdatedAt = UpdatedAt,
        };
    }

    private RunMetrics? Add(RunMetrics? sum) => Costs is null ? sum : (sum ?? RunMetrics.None).Add(Costs);
}
