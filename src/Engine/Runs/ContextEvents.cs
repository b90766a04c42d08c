using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Cluster.Engine.Runs;

/// <summary>A tool result was summarised, or will not be. It is committed at once: it has cost a model call.</summary>
/// <param name="MessageId">The message that holds the result.</param>
/// <param name="Content">What the model is shown in its place; null when the result stays because the summary failed or was no shorter.</param>
public sealed record ToolResultCompressed(string MessageId, string? Content) : RecoveryEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override EventDurability Durability => EventDurability.Committed;
}

/// <summary>Tool results were taken out of the model's sight, or cut. The run keeps them.</summary>
/// <param name="MessageIds">The messages that hold them.</param>
/// <param name="KeptCharacters">How many characters of each the model is still shown, half from the beginning and half from the end; 0 for none.</param>
public sealed record ToolResultsCleared(ImmutableArray<string> MessageIds, int KeptCharacters) : RecoveryEvent;

/// <summary>A summary stands for a part of the conversation from now on. The run keeps its messages; the model is shown the summary.</summary>
/// <param name="Summary">The summary.</param>
/// <param name="FirstKept">The first message that is still shown: the summary stands for all from behind the instructions to the one before it.</param>
public sealed record ConversationCompacted(string Summary, string FirstKept) : RecoveryEvent
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override EventDurability Durability => EventDurability.Committed;
}

/// <summary>The conversation was not summarised. It is tried again when it has grown.</summary>
/// <param name="Error">Why.</param>
public sealed record CompactionFailed(string Error) : RecoveryEvent;
