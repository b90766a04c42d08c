using System.Collections.Immutable;

namespace Cluster.Providers.Mcp;

/// <summary>How users log in to an MCP server, each for themselves.</summary>
/// <param name="Logins">Who begins logins and takes their answers. All servers of a process share one.</param>
public sealed record McpLogin(McpLogins Logins)
{
    /// <summary>Gets the name under which the server's login knows this application; null to register it when somebody logs in first.</summary>
    public string? ClientId { get; init; }

    /// <summary>Gets the secret that belongs to <see cref="ClientId"/>; null for none.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>Gets what to ask permission for where the server does not say; empty for nothing in particular.</summary>
    public ImmutableArray<string> Scopes { get; init; } = [];

    /// <summary>Names the type only: the members hold a secret.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => nameof(McpLogin);
}
