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

    /// <summary>
    /// Gets a value indicating whether somebody else names the tools, for instance a document of an API. Where such a name is that of another tool, the other one keeps it.
    /// Tools of a <see cref="Source"/> are always such.
    /// </summary>
    public bool IsForeign { get; init; }

    /// <summary>Gets what is added to the system message of agents that have the toolkit; null for nothing.</summary>
    public string? Instructions { get; init; }

    /// <summary>Gets the names of the only tools to offer; empty for all.</summary>
    public ImmutableArray<string> Include { get; init; } = [];

    /// <summary>Gets the names of tools not to offer.</summary>
    public ImmutableArray<string> Exclude { get; init; } = [];

    /// <summary>Gets the tools that are offered, those of <see cref="Source"/> as they were last heard of.</summary>
    public IEnumerable<Tool> Offered => Tools.Where(Offers).Concat(Sourced);

    /// <summary>Gets what the source has given for one step of a run; null outside of one.</summary>
    internal ImmutableArray<Tool>? Heard { get; init; }

    /// <summary>Gets a value indicating whether some of the tools are not known beforehand.</summary>
    internal bool IsSourced => Source is not null || Heard is not null;

    /// <summary>Gives the tools with what is known of where they come from.</summary>
    /// <param name="owner">What the toolkit is called in the agent, which may have two of the same name.</param>
    internal IEnumerable<ToolCandidate> Candidates(string owner) =>
        Tools.Where(Offers).Select(tool => new ToolCandidate(tool, owner, IsForeign ? ToolOrigin.Foreign : ToolOrigin.Toolkit))
            .Concat(Sourced.Select(tool => new ToolCandidate(tool, owner, ToolOrigin.Foreign)));

    private IEnumerable<Tool> Sourced => (Heard ?? Source?.Known ?? []).Where(Offers);

    private bool Offers(Tool tool) => (Include.IsEmpty || Include.Contains(tool.Name)) && !Exclude.Contains(tool.Name);
}
