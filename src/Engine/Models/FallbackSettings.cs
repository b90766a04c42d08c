using System.Collections.Immutable;

namespace Cluster.Engine.Models;

/// <summary>Which models are asked when a model fails, in order. What a failed model said before is discarded.</summary>
public sealed record FallbackSettings
{
    /// <summary>Gets no fallbacks.</summary>
    public static FallbackSettings None { get; } = new();

    /// <summary>Gets the models for a provider that fails or is out of reach, and for the other two kinds when they have none of their own.</summary>
    public ImmutableArray<ModelSource> OnError { get; init; } = [];

    /// <summary>Gets the models for a provider that is overloaded or has had too many requests.</summary>
    public ImmutableArray<ModelSource> OnRateLimit { get; init; } = [];

    /// <summary>Gets the models for a conversation that does not fit into the window.</summary>
    public ImmutableArray<ModelSource> OnContextLength { get; init; } = [];

    /// <summary>Gives the models for a kind of failure.</summary>
    /// <param name="cause">The kind.</param>
    /// <returns>The models in order; none for requests that are refused, because another model would refuse them too.</returns>
    public ImmutableArray<ModelSource> For(ModelErrorKind cause) => cause switch
    {
        ModelErrorKind.Refused => [],
        ModelErrorKind.RateLimit when !OnRateLimit.IsEmpty => OnRateLimit,
        ModelErrorKind.ContextLength when !OnContextLength.IsEmpty => OnContextLength,
        _ => OnError,
    };
}
