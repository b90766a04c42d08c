using Cluster.Engine.Agents;
using Cluster.Engine.Teams;

namespace Cluster.Grains.Interfaces.Catalog;

/// <summary>The agents and teams that the silos run, as far as they can be told in this process.</summary>
public sealed class ClusterAgents : IAgentCatalog
{
    private volatile AgentCatalog _catalog = new([]);

    /// <inheritdoc/>
    public IReadOnlyList<Agent> Agents => _catalog.Agents;

    /// <inheritdoc/>
    public IReadOnlyList<Team> Teams => _catalog.Teams;

    /// <inheritdoc/>
    public Agent? Find(string agentId) => _catalog.Find(agentId);

    /// <inheritdoc/>
    public Team? FindTeam(string teamId) => _catalog.FindTeam(teamId);

    /// <summary>Takes in what the silos have now.</summary>
    /// <param name="agents">The agents and teams.</param>
    internal void Update(IEnumerable<AgentDescription> agents) => _catalog = new AgentCatalog(agents.Select(agent => agent.ToAgent()));
}
