using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Engine.Messages;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Runs;

/// <summary>An event of the run of an agent or team. It names who runs, run and session, so that a stream with several runs can be told apart.</summary>
public abstract record AgentEvent : RunEvent
{
    private string? _agentId;
    private string? _agentName;
    private string? _teamId;
    private string? _teamName;
    private string? _runId;
    private string? _parentRunId;
    private string? _sessionId;

    /// <summary>Gets the agent that runs; null in the run of a team.</summary>
    [JsonPropertyOrder(-28)]
    public string? AgentId
    {
        get => _agentId;
        init => _agentId = value;
    }

    /// <summary>Gets the agent's name; null in the run of a team.</summary>
    [JsonPropertyOrder(-27)]
    public string? AgentName
    {
        get => _agentName;
        init => _agentName = value;
    }

    /// <summary>Gets the team that runs; null in the run of an agent.</summary>
    [JsonPropertyOrder(-28)]
    public string? TeamId
    {
        get => _teamId;
        init => _teamId = value;
    }

    /// <summary>Gets the team's name; null in the run of an agent.</summary>
    [JsonPropertyOrder(-27)]
    public string? TeamName
    {
        get => _teamName;
        init => _teamName = value;
    }

    /// <summary>Gets the run's id.</summary>
    [JsonPropertyOrder(-26)]
    public string? RunId
    {
        get => _runId;
        init => _runId = value;
    }

    /// <summary>Gets the run that started this one; null for a run that was started from outside.</summary>
    [JsonPropertyOrder(-25)]
    public string? ParentRunId
    {
        get => _parentRunId;
        init => _parentRunId = value;
    }

    /// <summary>Gets the session's id.</summary>
    [JsonPropertyOrder(-24)]
    public string? SessionId
    {
        get => _sessionId;
        init => _sessionId = value;
    }

    /// <summary>Gets how deep the run is nested in workflows; 0 outside of them.</summary>
    [JsonPropertyOrder(-18)]
    public int NestedDepth { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    protected override bool IsOfTeam => TeamId is not null;

    /// <summary>Says whose event it is, and when it happened. Only one of which that is known already may be known to others, and is copied.</summary>
    internal AgentEvent Of(EventOrigin origin, long unixSeconds)
    {
        var own = _runId is null ? this : this with { };
        (own._agentId, own._agentName, own._teamId, own._teamName) = (origin.AgentId, origin.AgentName, origin.TeamId, origin.TeamName);
        (own._runId, own._parentRunId, own._sessionId) = (origin.RunId, origin.ParentRunId, origin.SessionId);
        return (AgentEvent)own.AtTime(unixSeconds);
    }
}

/// <summary>Whose event it is.</summary>
internal readonly record struct EventOrigin
{
    public string? AgentId { get; init; }

    public string? AgentName { get; init; }

    public string? TeamId { get; init; }

    public string? TeamName { get; init; }

    public string? RunId { get; init; }

    public string? ParentRunId { get; init; }

    public string? SessionId { get; init; }
}

/// <summary>The run began.</summary>
/// <param name="Model">The model's id.</param>
/// <param name="ModelProvider">The provider's display name.</param>
public sealed record RunStarted(string Model, string ModelProvider) : AgentEvent;

/// <summary>A paused run goes on. It is committed together with the answers, and the run's record stops saying that it is paused.</summary>
public sealed record RunContinued : AgentEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override EventDurability Durability => EventDurability.Committed;
}

/// <summary>The model is being asked.</summary>
/// <param name="Model">The model's id.</param>
/// <param name="ModelProvider">The provider's display name.</param>
public sealed record ModelRequestStarted(string Model, string ModelProvider) : AgentEvent;

/// <summary>A piece of the answer, as the model spoke it.</summary>
public sealed record RunContent : AgentEvent, IDelta
{
    /// <summary>Gets the piece of text, or the whole object of an agent with an output schema; null when only reasoning arrived.</summary>
    public ContentValue? Content { get; init; }

    /// <summary>Gets a value indicating whether a workflow's own agent speaks; null where a team does.</summary>
    public bool? WorkflowAgent { get => TeamId is null ? field : null; init; } = false;

    /// <summary>Gets <c>str</c> for a text, otherwise the name of the schema.</summary>
    public string ContentType { get; init; } = "str";

    /// <summary>Gets the piece of reasoning; empty when there is none.</summary>
    public string ReasoningContent { get; init; } = string.Empty;

    /// <inheritdoc/>
    [JsonIgnore]
    public double Elapsed { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override EventDurability Durability => EventDurability.Live;

    /// <inheritdoc/>
    public ContentPiece ToPiece() => new(Content?.Text, ReasoningContent.Length > 0 ? ReasoningContent : null)
    {
        Json = Content?.Json,
        ContentType = Content?.Json is null && ContentType == "str" ? null : ContentType,
    };
}

/// <summary>The model has answered.</summary>
public sealed record ModelRequestCompleted : AgentEvent
{
    /// <summary>Gets the model's id.</summary>
    public required string Model { get; init; }

    /// <summary>Gets the provider's display name.</summary>
    public required string ModelProvider { get; init; }

    /// <summary>Gets the tokens of the prompt.</summary>
    public long InputTokens { get; init; }

    /// <summary>Gets the tokens of the answer.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Gets the sum that the provider reports.</summary>
    public long TotalTokens { get; init; }

    /// <summary>Gets the seconds from the request to the first piece of text; null when the answer held none.</summary>
    public double? TimeToFirstToken { get; init; }

    /// <summary>Gets the tokens that the model spent on reasoning.</summary>
    public long ReasoningTokens { get; init; }

    /// <summary>Gets the prompt tokens that the provider had cached.</summary>
    public long CacheReadTokens { get; init; }

    /// <summary>Gets the prompt tokens that the provider put into its cache.</summary>
    public long CacheWriteTokens { get; init; }
}

/// <summary>A tool is about to be called. Its commit is the intent of the effect ledger: a call without one has certainly not run.</summary>
/// <param name="Tool">The call.</param>
public sealed record ToolCallStarted(ToolExecution Tool) : AgentEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override EventDurability Durability => EventDurability.Committed;
}

/// <summary>A tool call ended, well or not.</summary>
/// <param name="Content">A sentence for people: what was called and how long it took.</param>
/// <param name="Tool">The call with its result.</param>
public sealed record ToolCallCompleted(string Content, ToolExecution Tool) : AgentEvent;

/// <summary>A tool call failed. It follows the <see cref="ToolCallCompleted"/> of the same call.</summary>
/// <param name="Error">What went wrong.</param>
/// <param name="Tool">The call.</param>
public sealed record ToolCallError(string Error, ToolExecution Tool) : AgentEvent;

/// <summary>The answer is complete; hooks and bookkeeping may follow.</summary>
public sealed record RunContentCompleted : AgentEvent;

/// <summary>The run waits for a human. The stream ends here and a continued run goes on with <see cref="RunContinued"/>.</summary>
/// <param name="Content">What is needed, in words.</param>
/// <param name="Tools">All tool calls of the run so far.</param>
/// <param name="Requirements">What the human has to settle.</param>
public sealed record RunPaused(ContentValue Content, ImmutableArray<ToolExecution> Tools, ImmutableArray<RunRequirement> Requirements) : AgentEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override EventDurability Durability => EventDurability.Committed;
}

/// <summary>The run was stopped on request. A <see cref="RunCompleted"/> with the partial answer follows.</summary>
/// <param name="Content">What was said until then, or the reason.</param>
/// <param name="Reason">Why it stopped.</param>
public sealed record RunCancelled(ContentValue Content, string Reason) : AgentEvent;

/// <summary>The run failed. Nothing follows.</summary>
/// <param name="Content">What went wrong, as the provider or the tool said it.</param>
public sealed record RunError(string Content) : AgentEvent
{
    /// <summary>Gets the kind of failure, for instance <c>model_provider_error</c>; null when it has none.</summary>
    public string? ErrorType { get; init; }

    /// <summary>Gets the rule that a guardrail saw broken; null for other failures.</summary>
    public string? ErrorId { get; init; }

    /// <summary>Gets details of a guardrail, an object; null for none.</summary>
    public JsonElement? AdditionalData { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override EventDurability Durability => EventDurability.Committed;
}

/// <summary>The run ended. It is the last event.</summary>
public sealed record RunCompleted : AgentEvent
{
    /// <summary>Gets the whole answer.</summary>
    public ContentValue? Content { get; init; }

    /// <summary>Gets <c>str</c> for a text, otherwise the name of the schema.</summary>
    public string ContentType { get; init; } = "str";

    /// <summary>Gets what a reasoning model thought; null when it told nothing.</summary>
    public string? ReasoningContent { get; init; }

    /// <summary>Gets pictures that tools made; null without any.</summary>
    public ImmutableArray<Media>? Images { get; init; }

    /// <summary>Gets videos that tools made; null without any.</summary>
    public ImmutableArray<Media>? Videos { get; init; }

    /// <summary>Gets sounds that tools made; null without any.</summary>
    public ImmutableArray<Media>? Audio { get; init; }

    /// <summary>Gets files that tools made; null without any.</summary>
    public ImmutableArray<Media>? Files { get; init; }

    /// <summary>Gets the steps of thought before the answer; null without any.</summary>
    public ImmutableArray<ReasoningStepContent>? ReasoningSteps { get; init; }

    /// <summary>Gets what the model was shown of these thoughts; null without any.</summary>
    public ImmutableArray<Message>? ReasoningMessages { get; init; }

    /// <summary>Gets what the caller attached to the run, an object; null when nothing.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>Gets the session state after the run, an object.</summary>
    public JsonElement? SessionState { get; init; }

    /// <summary>Gets the runs of a team's members, in the order in which they began; null without any. The log does not hold them: they have logs of their own.</summary>
    public ImmutableArray<RunOutput>? MemberResponses { get; init; }

    /// <summary>Gets the tokens and times.</summary>
    public RunMetrics? Metrics { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override EventDurability Durability => EventDurability.Committed;
}
