using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cluster.Engine.Runs;

/// <summary>A request to run an agent. It is recorded as it is, so that the run can be taken up again in another process.</summary>
public sealed record RunRequest
{
    /// <summary>Gets the id that the run will have, a UUID.</summary>
    public required string RunId { get; init; }

    /// <summary>Gets the session that the run belongs to; it is created when it does not exist.</summary>
    public required string SessionId { get; init; }

    /// <summary>Gets the agent to run.</summary>
    public required string AgentId { get; init; }

    /// <summary>Gets what is asked of it.</summary>
    public required RunInput Input { get; init; }

    /// <summary>Gets the user on whose behalf the agent runs; null when nobody is named.</summary>
    public string? UserId { get; init; }

    /// <summary>Gets the version of the stored definition to run with; null for the current one, and for agents defined in code or YAML.</summary>
    public int? DefinitionVersion { get; init; }

    /// <summary>Gets the run that starts this one; null for a run that is started from outside.</summary>
    public string? ParentRunId { get; init; }

    /// <summary>Gets session state that overrides what the session has, an object; null for none.</summary>
    public JsonElement? SessionState { get; init; }

    /// <summary>Gets values for templates and tools that override the agent's, an object; null for none.</summary>
    public JsonElement? Dependencies { get; init; }

    /// <summary>Gets what the caller attaches to the run, an object; null for nothing.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>Gets what differs from the agent's definition in this run.</summary>
    public RunOverrides Overrides { get; init; } = new();

    /// <summary>Gets what to do when the session is busy with another run.</summary>
    public WhenBusy WhenBusy { get; init; }

    /// <summary>Gets the key under which a repeated request finds this run instead of starting another; null for none. It is scoped to agent and user.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Gets a value indicating whether the caller asked for the events. It only decides whether later reads of the run show them.</summary>
    public bool Streamed { get; init; }

    /// <summary>
    /// Gets the trace that the run is part of, as the header <c>traceparent</c> of W3C Trace Context; null for none. A process that takes the run over
    /// goes on in the same trace. When it is null, the current one is taken as the run is accepted.
    /// </summary>
    public string? TraceParent { get; init; }
}

/// <summary>Settings of an agent that one request changes; null leaves the agent's own.</summary>
public sealed record RunOverrides
{
    /// <summary>Gets whether earlier runs of the session are shown to the model.</summary>
    public bool? AddHistoryToContext { get; init; }

    /// <summary>Gets whether the dependencies are appended to the user message.</summary>
    public bool? AddDependenciesToContext { get; init; }

    /// <summary>Gets whether the session state is appended to the system message.</summary>
    public bool? AddSessionStateToContext { get; init; }
}

/// <summary>What a session does with a run that arrives while another one is at work.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WhenBusy>))]
public enum WhenBusy
{
    /// <summary>The run waits for its turn. This is the default.</summary>
    [JsonStringEnumMemberName("queue")]
    Queue,

    /// <summary>The run is refused with a conflict.</summary>
    [JsonStringEnumMemberName("reject")]
    Reject,

    /// <summary>The runs ahead are cancelled.</summary>
    [JsonStringEnumMemberName("interrupt")]
    Interrupt,
}
