using System.Text.Json.Serialization;
using Cluster.Engine.Messages;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Runs;

/// <summary>One tool call of the current turn.</summary>
/// <param name="Call">What the model asked for.</param>
public sealed record ToolCallState(MessageToolCall Call)
{
    /// <summary>Gets the call as clients see it; null before anything was decided about it.</summary>
    public ToolExecution? Execution { get; init; }

    /// <summary>Gets a value indicating whether the intent to call the tool is on record.</summary>
    public bool IsIntended { get; init; }

    /// <summary>Gets a value indicating whether an earlier owner died between intent and outcome.</summary>
    public bool IsInDoubt { get; init; }

    /// <summary>Gets a value indicating whether a human was asked and has answered. A call that was begun used the answer up: when its outcome is lost, it is asked about again.</summary>
    public bool IsAnswered { get; init; }

    /// <summary>Gets the message that tells the model the outcome; null before there is one.</summary>
    public Message? Outcome { get; init; }

    /// <summary>Gets a value indicating whether clients were told the outcome.</summary>
    public bool IsReported { get; init; }

    /// <summary>Gets a value indicating whether nothing is left to do. A call that was never begun is not reported.</summary>
    [JsonIgnore]
    public bool IsConcluded => Outcome is not null && (IsReported || !IsIntended);
}
