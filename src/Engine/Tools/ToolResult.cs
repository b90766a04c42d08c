using Cluster.Engine.Runs;

namespace Cluster.Engine.Tools;

/// <summary>What a tool answers: a text for the model, and what it made for the run.</summary>
/// <param name="Content">The text.</param>
public sealed record ToolResult(string Content)
{
    /// <summary>Gets pictures, sounds, videos and files that the tool made; they are added to the run. Null for none.</summary>
    public RunMedia? Media { get; init; }

    /// <summary>Gets the run that the call started, when it is one; null otherwise.</summary>
    internal string? ChildRunId { get; init; }

    /// <summary>Gets a value indicating whether the call cannot end before a human has answered a member of the team. The text says so until then.</summary>
    internal bool IsWaiting { get; init; }

    /// <summary>Gets a value indicating whether the text was told in the words of a member and is the team's answer.</summary>
    internal bool IsAnswer { get; init; }

    /// <summary>Gets the kind of an answer that is an object; null for a text.</summary>
    internal string? AnswerType { get; init; }

    /// <summary>Makes a result of a text.</summary>
    /// <param name="content">The text.</param>
    public static implicit operator ToolResult(string content) => FromString(content);

    /// <summary>Makes a result of a text.</summary>
    /// <param name="content">The text.</param>
    /// <returns>The result.</returns>
    public static ToolResult FromString(string content) => new(content);
}
