using Cluster.Engine.Agents;

namespace Cluster.Engine.Tools;

/// <summary>Owns the sources of tools of all agents: when the process shuts down, they end behind the runs that use them.</summary>
/// <param name="agents">The agents.</param>
public sealed class ToolSources(IAgentCatalog agents) : IAsyncDisposable
{
    /// <inheritdoc/>
    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(agents.All().SelectMany(agent => agent.ToolSources).Distinct().Select(source => source.DisposeAsync().AsTask()));
}
