using System.Collections.Immutable;

namespace Cluster.Engine.Runs;

/// <summary>What the model is shown differently from what is stored of the run.</summary>
public sealed record ShownContext
{
    /// <summary>Gets the context of a run that is shown as it is.</summary>
    public static ShownContext Whole { get; } = new();

    /// <summary>Gets the summary that stands for the beginning of the conversation; null when it is shown.</summary>
    public string? Summary { get; init; }

    /// <summary>Gets the first message behind the summary; null without one.</summary>
    public string? FirstKept { get; init; }

    /// <summary>Gets the tool messages that are taken out of sight, with the number of characters that are still shown.</summary>
    public ImmutableDictionary<string, int> Cleared { get; init; } = ImmutableDictionary.Create<string, int>(StringComparer.Ordinal);

    /// <summary>Gets the tool messages that stay as they are because a summary of them failed or was no shorter.</summary>
    public ImmutableHashSet<string> Incompressible { get; init; } = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Gets a value indicating whether clients were told that results are being summarised, and not yet that they are.</summary>
    public bool IsCompressing { get; init; }

    /// <summary>Gets what the model wants a summary to keep, when it asked for one that has not been made; empty when it did not say.</summary>
    public string? Requested { get; init; }

    /// <summary>Gets the run's last message when something of this changed last; null for never. What providers reported before is about another conversation.</summary>
    public string? ChangedAt { get; init; }

    /// <summary>Gets the run's last message when a summary failed last; null for never.</summary>
    public string? FailedAt { get; init; }
}
