using Microsoft.Extensions.AI;

namespace Cluster.Engine.Messages;

/// <summary>Bounds what providers say they counted.</summary>
internal static class TokenCounts
{
    /// <summary>No model call has more tokens: what is larger was made up, or is a bug of whoever counted.</summary>
    public const long Largest = int.MaxValue;

    /// <summary>Brings counts into bounds: those below zero become zero, those above <see cref="Largest"/> that.</summary>
    /// <param name="told">What the provider told; it is changed.</param>
    /// <returns>True when everything was in bounds.</returns>
    public static bool Bound(UsageDetails told)
    {
        var isPlausible = true;
        told.InputTokenCount = Bound(told.InputTokenCount, ref isPlausible);
        told.OutputTokenCount = Bound(told.OutputTokenCount, ref isPlausible);
        told.TotalTokenCount = Bound(told.TotalTokenCount, ref isPlausible);
        told.CachedInputTokenCount = Bound(told.CachedInputTokenCount, ref isPlausible);
        told.ReasoningTokenCount = Bound(told.ReasoningTokenCount, ref isPlausible);
        return isPlausible;
    }

    private static long? Bound(long? count, ref bool isPlausible)
    {
        if (count is null or (>= 0 and <= Largest))
        {
            return count;
        }

        isPlausible = false;
        return Math.Clamp(count.Value, 0, Largest);
    }
}
