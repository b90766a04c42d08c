using System.Collections.Immutable;

namespace Cluster.Providers.Toolkits.Apis;

/// <summary>What the toolkit <c>github</c> may do.</summary>
public sealed record GitHubToolkitOptions : ApiToolkitOptions
{
    /// <summary>Gets the token. Null, the default, for none: public repositories can then be read, slowly.</summary>
    public string? Token { get; init; }

    /// <summary>Gets the only repositories that may be used, <c>owner/name</c> or <c>owner/*</c>. Empty, the default, for all that the token reaches.</summary>
    public ImmutableArray<string> Repositories { get; init; } = [];

    /// <summary>Gets a value indicating whether the tool <c>create_issue</c> is there. The default is false.</summary>
    public bool AllowWrite { get; init; }

    /// <summary>Names the type only: the members are secrets.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => nameof(GitHubToolkitOptions);
}
