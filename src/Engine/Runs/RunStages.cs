using System.Collections.Immutable;
using Cluster.Engine.Models;

namespace Cluster.Engine.Runs;

/// <summary>What is done of the stages around the model calls. A successor goes on with the first that is not.</summary>
public sealed record RunStages
{
    /// <summary>Gets the stages of a run that has done nothing.</summary>
    public static RunStages None { get; } = new();

    /// <summary>Gets a value indicating whether the agent has thought.</summary>
    public bool HasReasoned { get; init; }

    /// <summary>Gets a value indicating whether clients were told that the agent thinks, and not yet that it has thought.</summary>
    public bool IsReasoning { get; init; }

    /// <summary>Gets how often a model was asked for steps of thought.</summary>
    public int ReasoningCalls { get; init; }

    /// <summary>Gets the steps of thought that tools took and that clients have not heard of.</summary>
    public ImmutableArray<ReasoningStepContent> Untold { get; init; } = [];

    /// <summary>Gets a value indicating whether the output model has worded the answer.</summary>
    public bool IsWorded { get; init; }

    /// <summary>Gets a value indicating whether the parser model has made an object of the answer.</summary>
    public bool IsParsed { get; init; }

    /// <summary>Gets a value indicating whether clients were told that the answer is complete.</summary>
    public bool IsContentComplete { get; init; }

    /// <summary>Gets how many hooks and guardrails have looked at the answer.</summary>
    public int PostHooks { get; init; }

    /// <summary>Gets the failure for which another model is asked; null while the agent's own is.</summary>
    public ModelErrorKind? FallbackCause { get; init; }

    /// <summary>Gets which model of the fallbacks is asked, from 1; 0 for the agent's own.</summary>
    public int Fallback { get; init; }
}
