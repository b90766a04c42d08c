using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Engine.Agents;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;

namespace Cluster.Engine.Runs;

/// <summary>A request to run an agent or a team. It is recorded as it is, so that the run can be taken up again in another process.</summary>
public sealed record RunRequest
{
    /// <summary>Gets the id that the run will have, a UUID.</summary>
    public required string RunId { get; init; }

    /// <summary>Gets the session that the run belongs to; it is created when it does not exist.</summary>
    public required string SessionId { get; init; }

    /// <summary>Gets the agent or team to run.</summary>
    public required string AgentId { get; init; }

    /// <summary>Gets what kind of component that is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public SessionType ComponentType { get; init; }

    /// <summary>Gets a value indicating whether it is a team that runs.</summary>
    [JsonIgnore]
    public bool IsOfTeam => ComponentType == SessionType.Team;

    /// <summary>Gets the teams that it is a member of, from the one that the session belongs to down to its own; null for a run that was started from outside.</summary>
    public ImmutableArray<string>? Teams { get; init; }

    /// <summary>Gets what is asked of it.</summary>
    public required RunInput Input { get; init; }

    /// <summary>Gets the user on whose behalf the agent runs; null when nobody is named.</summary>
    public string? UserId { get; init; }

    /// <summary>Gets the tenant whose run it is. Whoever lets the run in writes it down, whatever was there before.</summary>
    [JsonIgnore]
    public TenantId Tenant { get; internal init; } = TenantId.Default;

    /// <summary>Gets the tenant as it is recorded: the default one is left out, as it was before there were others.</summary>
    [JsonInclude]
    [JsonPropertyName("tenant_id")]
    internal TenantId? RecordedTenant
    {
        get => Tenant == TenantId.Default ? null : Tenant;
        init => Tenant = value ?? TenantId.Default;
    }

    /// <summary>Gets the version of the stored definition to run with; null for the current one, and for agents defined in code or YAML.</summary>
    public int? DefinitionVersion { get; init; }

    /// <summary>Gets what a member of a team is told in front of its task: what its team has done before; null for nothing. What callers set is ignored.</summary>
    public string? Background { get; init; }

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

    /// <summary>Gets what a guardrail saw when the run was accepted; null when nothing. What callers set is ignored.</summary>
    public InputRefusal? Refusal { get; init; }

    /// <summary>Gets what to do when the session is busy with another run.</summary>
    public WhenBusy WhenBusy { get; init; }

    /// <summary>Gets what will be stored of the run, as the agent has it; null for the default. What callers set is ignored.</summary>
    public RecordSettings? Record { get; init; }

    /// <summary>Gets the key under which a repeated request finds this run instead of starting another; null for none. It is scoped to agent and user.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Gets what the run goes on from; null for a run that begins anew. The engine makes it when a run is continued.</summary>
    public RunFork? Fork { get; init; }

    /// <summary>Gets the session that the run was copied from with all its runs; null for a run that was made here.</summary>
    public string? CopiedFrom { get; init; }

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

    /// <summary>Gets the JSON schema of the answer, plain or as <c>{"type":"json_schema","json_schema":{"name":…,"schema":…}}</c>.</summary>
    public JsonElement? OutputSchema { get; init; }

    /// <summary>Gets settings of model calls: temperature, top_p, max_tokens, seed, stop. Members that are not set are the agent's.</summary>
    public ModelParameters? ModelParameters { get; init; }
}

/// <summary>Settings of model calls that a request may change; null leaves the agent's own.</summary>
public sealed record ModelParameters
{
    /// <summary>Gets how freely the model chooses its words, 0 to 2.</summary>
    public float? Temperature { get; init; }

    /// <summary>Gets the share of likely words that the model chooses among, 0 to 1.</summary>
    public float? TopP { get; init; }

    /// <summary>Gets how many tokens an answer may have.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Gets the seed of the model's choices.</summary>
    public long? Seed { get; init; }

    /// <summary>Gets texts at which the model stops.</summary>
    public ImmutableArray<string>? Stop { get; init; }
}

/// <summary>What a guardrail saw in the input before it was recorded. The run is accepted without what is secret in it, and ends with this error.</summary>
/// <param name="Guardrail">The guardrail's name.</param>
/// <param name="Trigger">The rule that is broken, a value of <see cref="Guardrails.CheckTrigger"/>.</param>
/// <param name="Message">What is wrong, for the caller.</param>
/// <param name="AdditionalData">Details, an object; null for none.</param>
public sealed record InputRefusal(string Guardrail, string Trigger, string Message, JsonElement? AdditionalData = null);

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
