using Cluster.Engine.Messages;

namespace Cluster.Engine.Models;

/// <summary>What a provider charges for a model, in US dollars for a million tokens. Nobody looks prices up: whoever wants costs in runs and sessions gives them.</summary>
public sealed record ModelPrice
{
    private const decimal Unit = 1_000_000;

    /// <summary>Gets the price of the prompt.</summary>
    public decimal Input { get; init; }

    /// <summary>Gets the price of the answer, thoughts included.</summary>
    public decimal Output { get; init; }

    /// <summary>Gets the price of the part of the prompt that the provider had cached; null for that of the prompt.</summary>
    public decimal? CacheRead { get; init; }

    /// <summary>Gets the price of the part of the prompt that the provider put into its cache; null for that of the prompt.</summary>
    public decimal? CacheWrite { get; init; }

    /// <summary>Tells what tokens cost. The cached parts are parts of the prompt.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <returns>The cost in US dollars.</returns>
    public decimal Of(TokenMetrics tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        var plain = Math.Max(0, tokens.InputTokens - Saturating.Add(tokens.CacheReadTokens, tokens.CacheWriteTokens));
        (long Count, decimal Price)[] parts =
            [(plain, Input), (tokens.CacheReadTokens, CacheRead ?? Input), (tokens.CacheWriteTokens, CacheWrite ?? Input), (tokens.OutputTokens, Output)];
        return parts.Aggregate(0m, (sum, part) => Saturating.Add(sum, Saturating.Multiply(part.Count, part.Price))) / Unit;
    }
}
