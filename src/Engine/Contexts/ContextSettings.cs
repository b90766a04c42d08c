using System.ComponentModel.DataAnnotations;
using Cluster.Engine.Models;

namespace Cluster.Engine.Contexts;

/// <summary>What the model is shown of a run that has become long. What is stored of the run keeps every word.</summary>
public sealed record ContextSettings
{
    /// <summary>Gets the settings under which only a conversation that the provider refuses is shortened.</summary>
    public static ContextSettings Default { get; } = new();

    /// <summary>Gets how tool results are summarised one by one; null to show them as they are.</summary>
    public CompressionSettings? Compression { get; init; }

    /// <summary>Gets when old tool results are taken out of sight; null for never.</summary>
    public MicroCompactionSettings? MicroCompaction { get; init; }

    /// <summary>Gets when the conversation is summarised; null for never.</summary>
    public AutoCompactionSettings? AutoCompaction { get; init; }

    /// <summary>Gets a value indicating whether the model gets the tool <c>compact_conversation</c>.</summary>
    public bool CompactionTool { get; init; }

    /// <summary>Gets a value indicating whether a conversation that the provider refuses as too long is summarised and sent again. The default is true.</summary>
    public bool EmergencyCompaction { get; init; } = true;

    /// <summary>Gets how many tokens fit into the model's window; null for what is known of the model.</summary>
    [Range(1_000, 100_000_000)]
    public int? Window { get; init; }

    /// <summary>Gets the model that summarises the conversation; null for the agent's own.</summary>
    public ModelSource? Model { get; init; }
}

/// <summary>How tool results are summarised one by one, in Agno's way.</summary>
public sealed record CompressionSettings
{
    /// <summary>Gets how many results have to wait for it; null for 3, or for no such bound when <see cref="TokenLimit"/> is set.</summary>
    [Range(1, 100_000)]
    public int? ResultLimit { get; init; }

    /// <summary>Gets how many tokens the whole conversation has to have; null for no such bound.</summary>
    [Range(1, 100_000_000)]
    public int? TokenLimit { get; init; }

    /// <summary>Gets the model that summarises; null for the agent's own.</summary>
    public ModelSource? Model { get; init; }

    /// <summary>Gets what the model is told; null for a prompt of our own.</summary>
    public string? Prompt { get; init; }
}

/// <summary>When old tool results are taken out of sight. It costs no model call.</summary>
public sealed record MicroCompactionSettings
{
    /// <summary>Gets the share of the window from which on it is done. The default is 0.5.</summary>
    [Range(0.0, 1.0)]
    public double Threshold { get; init; } = 0.5;

    /// <summary>Gets how many of the last results stay. The default is 5.</summary>
    [Range(0, 100_000)]
    public int KeepResults { get; init; } = 5;
}

/// <summary>When the conversation is summarised.</summary>
public sealed record AutoCompactionSettings
{
    /// <summary>Gets the settings without any change.</summary>
    public static AutoCompactionSettings Default { get; } = new();

    /// <summary>Gets the share of the window from which on it is done. The default is 0.8.</summary>
    [Range(0.0, 1.0)]
    public double Threshold { get; init; } = 0.8;

    /// <summary>Gets how many of the last messages stay, and a few more where a tool call and its result belong together. The default is 10.</summary>
    [Range(1, 100_000)]
    public int KeepMessages { get; init; } = 10;
}
