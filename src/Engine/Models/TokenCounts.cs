using Microsoft.Extensions.AI;

namespace Cluster.Engine.Models;

/// <summary>What providers say about tokens, made fit to be added up: one absurd number would spoil the sums of a run, its session and its day.</summary>
internal static class TokenCounts
{
    /// <summary>More than any window and any answer.</summary>
    private const long Most = 1_000_000_000;

    /// <summary>Gives the counts, none below zero and none beyond what a call can have.</summary>
    public static UsageDetails Tame(UsageDetails said) => new()
    {
        InputTokenCount = Tame(said.InputTokenCount),
        OutputTokenCount = Tame(said.OutputTokenCount),
        TotalTokenCount = Tame(said.TotalTokenCount),
        CachedInputTokenCount = Tame(said.CachedInputTokenCount),
        ReasoningTokenCount = Tame(said.ReasoningTokenCount),
    };

    /// <summary>Tells whether all counts can be true.</summary>
    public static bool ArePlausible(UsageDetails said) =>
        IsPlausible(said.InputTokenCount) && IsPlausible(said.OutputTokenCount) && IsPlausible(said.TotalTokenCount)
        && IsPlausible(said.CachedInputTokenCount) && IsPlausible(said.ReasoningTokenCount);

    private static bool IsPlausible(long? count) => count is null or (>= 0 and <= Most);

    private static long? Tame(long? count) => count is { } given ? Math.Clamp(given, 0, Most) : null;
}
