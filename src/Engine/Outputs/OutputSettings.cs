using System.ComponentModel.DataAnnotations;
using Cluster.Engine.Models;

namespace Cluster.Engine.Outputs;

/// <summary>What becomes of the model's answer.</summary>
public sealed record OutputSettings
{
    /// <summary>Gets the settings that leave the answer as the model gave it.</summary>
    public static OutputSettings Default { get; } = new();

    /// <summary>Gets what the answer has to look like; null for text.</summary>
    public OutputSchema? Schema { get; init; }

    /// <summary>Gets a value indicating whether the provider is only asked for some JSON, also where it could be held to the schema.</summary>
    public bool UseJsonMode { get; init; }

    /// <summary>Gets a value indicating whether an answer that fits the schema becomes an object. The default is true; otherwise it stays a text.</summary>
    public bool Parse { get; init; } = true;

    /// <summary>Gets the model that makes an object of the answer, so that the main model may answer as it likes; null for none.</summary>
    public ModelSource? ParserModel { get; init; }

    /// <summary>Gets what the parser model is told; null for the built-in words.</summary>
    public string? ParserModelPrompt { get; init; }

    /// <summary>Gets the model that words the answer anew from the whole conversation; null for none.</summary>
    public ModelSource? OutputModel { get; init; }

    /// <summary>Gets what the output model is told; null for the main model's system message.</summary>
    public string? OutputModelPrompt { get; init; }

    /// <summary>Gets how suggestions of what to ask next are made; null for none.</summary>
    public FollowupSettings? Followups { get; init; }

    /// <summary>
    /// Gets the file that the answer is written to, below the server's directory for answers; null for none. <c>{name}</c>, <c>{session_id}</c> and
    /// <c>{run_id}</c> are filled in.
    /// </summary>
    public string? SaveTo { get; init; }
}

/// <summary>How suggestions of what to ask next are made.</summary>
public sealed record FollowupSettings
{
    /// <summary>Gets how many. The default is 3.</summary>
    [Range(1, 20)]
    public int Count { get; init; } = 3;

    /// <summary>Gets the model that makes them; null for the agent's own.</summary>
    public ModelSource? Model { get; init; }
}
