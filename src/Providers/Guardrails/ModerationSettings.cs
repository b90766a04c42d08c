using System.Collections.Immutable;

namespace Cluster.Providers.Guardrails;

/// <summary>What OpenAI's moderation is asked and what follows from its answer.</summary>
public sealed record ModerationSettings
{
    /// <summary>Gets the model. The default is <c>omni-moderation-latest</c>, which looks at pictures, too.</summary>
    public string Model { get; init; } = "omni-moderation-latest";

    /// <summary>Gets the categories that count, for instance <c>violence</c> or <c>self-harm/intent</c>; empty for all.</summary>
    public ImmutableArray<string> Categories { get; init; } = [];

    /// <summary>Gets a value indicating whether inputs pass that nobody could look at. The default is false: they are refused.</summary>
    public bool AllowWhenUnavailable { get; init; }
}
