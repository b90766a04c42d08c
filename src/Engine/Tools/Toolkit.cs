using System.Collections.Immutable;

namespace Cluster.Engine.Tools;

/// <summary>A named set of tools that belong together, with instructions of its own.</summary>
public sealed record Toolkit
{
    /// <summary>Gets the toolkit's name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the tools.</summary>
    public required ImmutableArray<Tool> Tools { get; init; }

    /// <summary>Gets where further tools come from, when a run needs them; null when <see cref="Tools"/> are all.</summary>
    public IToolSource? Source { get; init; }

    /// <summary>Gets what is added to the system message of agents that have the toolkit; null for nothing.</summary>
    public string? Instructions { get; init; }

    /// <summary>Gets the names of the only tools to offer; empty for all.</summary>
    public ImmutableArray<string> Include { get; init; } = [];

    /// <summary>Gets the names of tools not to offer.</summary>
    public ImmutableArray<string> Exclude { get; init; } = [];

    /// <summary>Gets the tools that are offered, those of <see cref="Source"/> as they were last heard of.</summary>
    public IEnumerable<Tool> Offered => Tools.Concat(Source?.Known ?? []).Where(tool => (Include.IsEmpty || Include.Contains(tool.Name)) && !Exclude.Contains(tool.Name));
}
