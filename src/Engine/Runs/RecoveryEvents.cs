using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Engine.Approvals;
using Cluster.Engine.Messages;
using Cluster.Engine.Models;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Runs;

/// <summary>An event that no client sees: it keeps what a successor needs to take the run up again.</summary>
public abstract record RecoveryEvent : RunEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public sealed override bool IsPublic => false;
}

/// <summary>The run was accepted. It is the first event of every log.</summary>
/// <param name="Request">What was asked for.</param>
public sealed record RunAccepted(RunRequest Request) : RecoveryEvent
{
    /// <summary>Gets when the run shows a checkpoint.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public CheckpointMode Checkpoint { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override EventDurability Durability => EventDurability.Committed;
}

/// <summary>Another owner goes on with the run. Tool calls that were begun and did not end are in doubt from here on.</summary>
/// <param name="Generation">The new owner's generation.</param>
public sealed record RunTakenOver(long Generation) : RecoveryEvent
{
    /// <summary>Gets what tells two owners apart that chose the same generation, a UUID; null in logs of earlier versions.</summary>
    public string? Owner { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override EventDurability Durability => EventDurability.Committed;
}

/// <summary>Earlier runs of the session were read for the prompt. A successor reads them again.</summary>
/// <param name="Messages">The messages, oldest first, marked as history.</param>
public sealed record HistoryLoaded(ImmutableArray<Message> Messages) : RecoveryEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override EventDurability Durability => EventDurability.Live;
}

/// <summary>The prompt stands: instructions, input and session state of this run.</summary>
/// <param name="Before">The messages that go before the history: system message and additional input.</param>
/// <param name="After">The messages that go after it: the user's.</param>
/// <param name="SessionState">The state that the run starts with, an object.</param>
public sealed record PromptAssembled(ImmutableArray<Message> Before, ImmutableArray<Message> After, JsonElement SessionState) : RecoveryEvent
{
    /// <summary>Gets when the run began, in Unix seconds with fractions.</summary>
    public double StartedAt { get; init; }

    /// <summary>Gets the resolved dependencies, an object; null for none.</summary>
    public JsonElement? Dependencies { get; init; }

    /// <summary>Gets what is attached to the run: what the request brought, over it that of the session, over it the agent's; null for nothing.</summary>
    public JsonElement? Metadata { get; init; }
}

/// <summary>A model call ended. It holds what the live deltas said, cut as they were cut, so that a later reader gets the same frames.</summary>
/// <param name="Pieces">The deltas in order.</param>
/// <param name="Message">The assistant's message; null when the call failed.</param>
public sealed record ModelResponded(ImmutableArray<ContentPiece> Pieces, Message? Message) : RecoveryEvent
{
    /// <summary>Gets the seconds from the start of the run to the first thing that this call said; null when it said nothing.</summary>
    public double? FirstPieceAt { get; init; }

    /// <summary>Gets the seconds from the start of the run to the end of this call.</summary>
    public double Elapsed { get; init; }
}

/// <summary>One delta of a model's answer.</summary>
/// <param name="Text">The text; null when the piece is reasoning.</param>
/// <param name="Reasoning">The reasoning; null when the piece is text.</param>
public sealed record ContentPiece([property: JsonPropertyName("t")] string? Text, [property: JsonPropertyName("r")] string? Reasoning = null)
{
    /// <summary>Gets the whole answer as an object; null for text.</summary>
    [JsonPropertyName("j")]
    public JsonElement? Json { get; init; }

    /// <summary>Gets the name of the object's schema; null for text.</summary>
    [JsonPropertyName("c")]
    public string? ContentType { get; init; }

    /// <summary>Gets what the piece is part of.</summary>
    [JsonPropertyName("k"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public PieceKind Kind { get; init; }
}

/// <summary>What a piece of a model's speech is part of.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PieceKind>))]
public enum PieceKind
{
    /// <summary>The answer.</summary>
    [JsonStringEnumMemberName("answer")]
    Answer,

    /// <summary>What another model will word anew.</summary>
    [JsonStringEnumMemberName("intermediate")]
    Intermediate,

    /// <summary>What a reasoning model thinks before the answer.</summary>
    [JsonStringEnumMemberName("thinking")]
    Thinking,
}

/// <summary>A model that does a part of the work beside the main one has answered: it thought, worded the answer anew, or made an object of it.</summary>
/// <param name="Use">What the model was used for: a key of <see cref="RunMetrics.Details"/>.</param>
/// <param name="Pieces">The deltas in order; empty when nothing was streamed.</param>
public sealed record StageResponded(string Use, ImmutableArray<ContentPiece> Pieces) : RecoveryEvent
{
    /// <summary>Gets the answer of the run from now on; null leaves it.</summary>
    public ContentValue? Content { get; init; }

    /// <summary>Gets the kind of <see cref="Content"/>.</summary>
    public string ContentType { get; init; } = "str";

    /// <summary>Gets messages that the main model is shown from now on.</summary>
    public ImmutableArray<Message>? Messages { get; init; }

    /// <summary>Gets the model that answered.</summary>
    public required string Model { get; init; }

    /// <summary>Gets the model's provider.</summary>
    public required string ModelProvider { get; init; }

    /// <summary>Gets what it cost; null when the call failed.</summary>
    public MessageMetrics? Cost { get; init; }

    /// <summary>Gets the seconds from the start of the run to the first thing that this call said; null when it said nothing.</summary>
    public double? FirstPieceAt { get; init; }

    /// <summary>Gets the seconds from the start of the run to the end of this call.</summary>
    public double Elapsed { get; init; }
}

/// <summary>A hook changed the input. It is what the run works on from now on.</summary>
/// <param name="Input">The input.</param>
public sealed record InputChanged(RunInput Input) : RecoveryEvent;

/// <summary>A hook changed the answer.</summary>
/// <param name="Content">The answer from now on; null for none.</param>
/// <param name="ContentType">Its kind.</param>
public sealed record AnswerChanged(ContentValue? Content, string ContentType) : RecoveryEvent;

/// <summary>The model is about to see foreign tools that it has not seen in this run.</summary>
/// <param name="Names">The names of all foreign tools that it has seen then.</param>
public sealed record ToolsNamed(ImmutableArray<ToolBinding> Names) : RecoveryEvent;

/// <summary>A model failed and another one is asked in its place.</summary>
/// <param name="Error">What went wrong.</param>
/// <param name="Cause">Which list of fallbacks is used.</param>
/// <param name="Number">Which model of the list comes next, from 1.</param>
public sealed record ModelFellBack(string Error, ModelErrorKind Cause, int Number) : RecoveryEvent;

/// <summary>A tool call has its outcome. Its commit is what makes sure that the call is never made again.</summary>
/// <param name="Tool">The call with its result.</param>
/// <param name="Message">The message that tells the model.</param>
/// <param name="SessionState">The session state when the tool changed it, an object; null otherwise.</param>
public sealed record ToolCallSettled(ToolExecution Tool, Message Message, JsonElement? SessionState = null) : RecoveryEvent
{
    /// <summary>Gets the deltas with which the result was shown as a part of the answer; null when it was not.</summary>
    public ImmutableArray<ContentPiece>? Shown { get; init; }

    /// <summary>Gets messages that the tool adds to the conversation behind the results of the turn; null for none.</summary>
    public ImmutableArray<Message>? Followers { get; init; }

    /// <summary>Gets pictures, sounds, videos and files that the tool made; null for none.</summary>
    public RunMedia? Media { get; init; }

    /// <summary>Gets a value indicating whether the result is the run's answer, told in the words of the member that gave it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsAnswer { get; init; }

    /// <summary>Gets the kind of an answer that is an object; null for a text.</summary>
    public string? AnswerType { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override EventDurability Durability => EventDurability.Committed;
}

/// <summary>Somebody asked that the run stop.</summary>
public sealed record CancelRequested : RecoveryEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override EventDurability Durability => EventDurability.Committed;
}

/// <summary>A human settled what the paused run was waiting for. Without answers to members the <see cref="RunContinued"/> that follows commits it.</summary>
/// <param name="Tools">The tool calls as the human sent them back; they replace the run's.</param>
public sealed record AnswersReceived(ImmutableArray<ToolExecution> Tools) : RecoveryEvent
{
    /// <summary>Gets what the user said with the answers; null for nothing.</summary>
    public Message? Added { get; init; }

    /// <summary>Gets the approval that decided, as it was when the run heard of it; null when none did.</summary>
    public ApprovalRecord? Approval { get; init; }

    /// <summary>Gets who answered; null when nobody is named.</summary>
    public string? By { get; init; }

    /// <summary>Gets whether the caller asked for the events that follow; null when it is as before.</summary>
    public bool? Streamed { get; init; }

    /// <summary>Gets the answers to calls of members; null for none. The members go on first, and the run's <see cref="RunContinued"/> comes behind them.</summary>
    public ImmutableArray<MemberAnswers>? Members { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override EventDurability Durability => Members is null ? EventDurability.Logged : EventDurability.Committed;
}

/// <summary>The run, which failed or was paused, goes on from where it was well. The <see cref="RunContinued"/> that follows commits it.</summary>
/// <param name="MessageCount">How many messages are kept, those of earlier runs not counted; null for all, the tool calls that were under way included.</param>
public sealed record RunRewound(int? MessageCount) : RecoveryEvent
{
    /// <summary>Gets what the user said next; null for nothing.</summary>
    public Message? Added { get; init; }

    /// <summary>Gets whether the caller asked for the events that follow; null when it is as before.</summary>
    public bool? Streamed { get; init; }
}

/// <summary>What the user said next was checked and is part of the conversation from now on.</summary>
/// <param name="Message">The message, as guardrails left it.</param>
public sealed record InputAdded(Message Message) : RecoveryEvent;

/// <summary>The run has a new approval. It is stored in the same step as the event: the pause that waits for it, or the decision that it tells of.</summary>
/// <param name="Approval">The approval.</param>
public sealed record ApprovalRecorded(ApprovalRecord Approval) : RecoveryEvent;

/// <summary>The session state was read again: other runs of the session may have changed it while this one waited for a human and for its turn.</summary>
/// <param name="SessionState">The state that the run goes on with, an object.</param>
public sealed record SessionStateRead(JsonElement SessionState) : RecoveryEvent;

/// <summary>An attempt of the run failed and another one follows.</summary>
/// <param name="Error">What went wrong.</param>
/// <param name="Attempt">The number of the attempt that failed, from 1.</param>
public sealed record AttemptFailed(string Error, int Attempt) : RecoveryEvent;
