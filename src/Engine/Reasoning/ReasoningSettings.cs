using System.ComponentModel.DataAnnotations;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;

namespace Cluster.Engine.Reasoning;

/// <summary>
/// How an agent thinks before it answers. A model of <see cref="Model"/> that thinks by itself is asked once; every other model is led step by step.
/// </summary>
public sealed record ReasoningSettings
{
    /// <summary>Gets the model that thinks; null for that of <see cref="Agent"/>, else the agent's own.</summary>
    public ModelSource? Model { get; init; }

    /// <summary>Gets the agent whose description, role and instructions lead the thinking; null for the built-in words. It gets no tools.</summary>
    public Agent? Agent { get; init; }

    /// <summary>Gets how many steps are taken at least. The default is 1.</summary>
    [Range(1, 1_000)]
    public int MinSteps { get; init; } = 1;

    /// <summary>Gets how many steps are taken at most, and how often the model is asked for some. The default is 10.</summary>
    [Range(1, 1_000)]
    public int MaxSteps { get; init; } = 10;
}
