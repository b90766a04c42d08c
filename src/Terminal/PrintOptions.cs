namespace Cluster.Terminal;

/// <summary>What is printed of a run.</summary>
public sealed record PrintOptions
{
    /// <summary>Gets the options that print message, thoughts, tool calls and answer.</summary>
    public static PrintOptions Default { get; } = new();

    /// <summary>Gets the conversation to go on with; null for a new one.</summary>
    public string? SessionId { get; init; }

    /// <summary>Gets a value indicating whether the message is printed above the answer. The default is true.</summary>
    public bool ShowMessage { get; init; } = true;

    /// <summary>Gets a value indicating whether what the model thought is printed. The default is true.</summary>
    public bool ShowReasoning { get; init; } = true;

    /// <summary>Gets a value indicating whether tool calls are printed. The default is true.</summary>
    public bool ShowToolCalls { get; init; } = true;

    /// <summary>Gets whether what the members of a team do and answer is printed; null, the default, for what the team's definition says.</summary>
    public bool? ShowMembers { get; init; }

    /// <summary>Gets a value indicating whether tokens, times and costs are printed below the answer. The default is false.</summary>
    public bool ShowMetrics { get; init; }

    /// <summary>Gets a value indicating whether answers are shown as Markdown where the terminal can. The default is true.</summary>
    public bool Markdown { get; init; } = true;
}
