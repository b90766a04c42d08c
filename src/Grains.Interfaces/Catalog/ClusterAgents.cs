using Cluster.Engine.Agents;

namespace Cluster.Grains.Interfaces.Catalog;

/// <summary>The agents that the silos run, as far as they can be told in this process.</summary>
public sealed class ClusterAgents : IAgentCatalog
{
    private volatile AgentCatalog _catalog = new([]);

    /// <inheritdoc/>
    public IReadOnlyList<Agent> Agents => _catalog.Agents;

    /// <inheritdoc/>
    public Agent? Find(string agentId) => _catalog.Find(agentId);

    /// <summary>Takes in what the silos have now.</summary>
    /// <param name="agents">The agents.</param>
    internal void Update(IEnumerable<AgentDescription> agents) => _catalog = new AgentCatalog(agents.Select(agent => agent.ToAgent()));
}
