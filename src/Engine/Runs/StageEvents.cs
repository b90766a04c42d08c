using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Engine.Messages;

namespace Cluster.Engine.Runs;

/// <summary>A hook or guardrail looks at the input.</summary>
/// <param name="PreHookName">The hook.</param>
/// <param name="RunInput">The input as the hook gets it.</param>
public sealed record PreHookStarted(string PreHookName, RunInput RunInput) : AgentEvent;

/// <summary>A hook or guardrail let the input pass, possibly changed.</summary>
/// <param name="PreHookName">The hook.</param>
/// <param name="RunInput">The input as the hook left it.</param>
public sealed record PreHookCompleted(string PreHookName, RunInput RunInput) : AgentEvent;

/// <summary>A hook or guardrail looks at the answer.</summary>
/// <param name="PostHookName">The hook.</param>
public sealed record PostHookStarted(string PostHookName) : AgentEvent;

/// <summary>A hook or guardrail let the answer pass.</summary>
/// <param name="PostHookName">The hook.</param>
public sealed record PostHookCompleted(string PostHookName) : AgentEvent;

/// <summary>The agent begins to think before it answers.</summary>
public sealed record ReasoningStarted : AgentEvent;

/// <summary>The agent took one step of thought.</summary>
/// <param name="Content">The step.</param>
public sealed record ReasoningStep(ReasoningStepContent Content) : AgentEvent
{
    /// <summary>Gets the kind of content.</summary>
    public string ContentType { get; init; } = "ReasoningStep";

    /// <summary>Gets all that was thought so far, as text.</summary>
    public required string ReasoningContent { get; init; }
}

/// <summary>A piece of what a reasoning model thinks, as it thinks it.</summary>
/// <param name="ReasoningContent">The piece.</param>
public sealed record ReasoningContentDelta(string ReasoningContent) : AgentEvent, IDelta
{
    /// <inheritdoc/>
    [JsonIgnore]
    public double Elapsed { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override EventDurability Durability => EventDurability.Live;

    /// <inheritdoc/>
    public ContentPiece ToPiece() => new(null, ReasoningContent) { Kind = PieceKind.Thinking };
}

/// <summary>The agent has thought.</summary>
/// <param name="Content">All steps.</param>
public sealed record ReasoningCompleted(ReasoningStepsContent Content) : AgentEvent
{
    /// <summary>Gets the kind of content.</summary>
    public string ContentType { get; init; } = "ReasoningSteps";
}

/// <summary>A piece of the main model's text when another model words the answer.</summary>
public sealed record RunIntermediateContent : AgentEvent, IDelta
{
    /// <summary>Gets the piece.</summary>
    public ContentValue? Content { get; init; }

    /// <summary>Gets the kind of content.</summary>
    public string ContentType { get; init; } = "str";

    /// <inheritdoc/>
    [JsonIgnore]
    public double Elapsed { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override EventDurability Durability => EventDurability.Live;

    /// <inheritdoc/>
    public ContentPiece ToPiece() => new(Content?.ToString()) { Kind = PieceKind.Intermediate };
}

/// <summary>A second model turns the answer into an object.</summary>
public sealed record ParserModelResponseStarted : AgentEvent;

/// <summary>The second model has answered.</summary>
public sealed record ParserModelResponseCompleted : AgentEvent;

/// <summary>A second model words the answer.</summary>
public sealed record OutputModelResponseStarted : AgentEvent;

/// <summary>The second model has worded the answer.</summary>
public sealed record OutputModelResponseCompleted : AgentEvent;

/// <summary>Tool results are being shortened.</summary>
public sealed record CompressionStarted : AgentEvent;

/// <summary>Tool results were shortened. The numbers are those of the whole run.</summary>
/// <param name="ToolResultsCompressed">How many results.</param>
/// <param name="OriginalSize">Their length in characters before.</param>
/// <param name="CompressedSize">Their length in characters after.</param>
public sealed record CompressionCompleted(int ToolResultsCompressed, long OriginalSize, long CompressedSize) : AgentEvent;

/// <summary>Suggestions of what to ask next are being made.</summary>
public sealed record FollowupsStarted : AgentEvent;

/// <summary>Suggestions of what to ask next were made.</summary>
/// <param name="Followups">The suggestions.</param>
public sealed record FollowupsCompleted(ImmutableArray<string> Followups) : AgentEvent;

/// <summary>Something that a tool tells the clients, with members of its own.</summary>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "The name is the event's on the wire.")]
public sealed record CustomEvent : AgentEvent
{
    /// <summary>Gets the call during which it was told; null outside of tools.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>Gets the members that the tool chose.</summary>
    [JsonExtensionData]
    [SuppressMessage("Usage", "CA2227:Collection properties should be read only", Justification = "The serializer fills extension data through a setter only.")]
    public Dictionary<string, JsonElement> Members { get; set; } = [];
}

/// <summary>One step of thought.</summary>
public sealed record ReasoningStepContent
{
    /// <summary>Gets the step in a few words; null when it was left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Title { get; init; }

    /// <summary>Gets what is to be done; null when it was left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Action { get; init; }

    /// <summary>Gets what came of it; null when it was left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Result { get; init; }

    /// <summary>Gets the thought; null when it was left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Reasoning { get; init; }

    /// <summary>Gets <c>continue</c>, <c>validate</c>, <c>final_answer</c> or <c>reset</c>; null when it was left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? NextAction { get; init; }

    /// <summary>Gets how sure the agent is, 0 to 1; null when it was left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public double? Confidence { get; init; }
}

/// <summary>All steps of thought.</summary>
/// <param name="ReasoningSteps">The steps in order.</param>
public sealed record ReasoningStepsContent(ImmutableArray<ReasoningStepContent> ReasoningSteps);

/// <summary>A live piece of what a model says. It is not stored: the event that ends the call holds all pieces.</summary>
public interface IDelta
{
    /// <summary>Gets the seconds from the start of the run to this piece. It is not sent.</summary>
    double Elapsed { get; }

    /// <summary>Gives what is kept of it.</summary>
    /// <returns>The piece.</returns>
    ContentPiece ToPiece();
}
