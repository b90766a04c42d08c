using Cluster.Engine.Errors;

namespace Cluster.Engine.Agents;

/// <summary>Knows the agents that can be run.</summary>
public interface IAgentCatalog
{
    /// <summary>Gets the agents, in the order in which they were registered.</summary>
    IReadOnlyList<Agent> Agents { get; }

    /// <summary>Looks an agent up.</summary>
    /// <param name="agentId">The agent's id.</param>
    /// <returns>The agent; null when there is none.</returns>
    Agent? Find(string agentId);
}

/// <summary>A fixed set of agents.</summary>
public sealed class AgentCatalog : IAgentCatalog
{
    private readonly Dictionary<string, Agent> _byId;

    /// <summary>Creates the catalog.</summary>
    /// <param name="agents">The agents.</param>
    /// <exception cref="InvalidRequestException">Two agents have the same id.</exception>
    public AgentCatalog(IEnumerable<Agent> agents)
    {
        Agents = [.. agents];
        _byId = new Dictionary<string, Agent>(StringComparer.Ordinal);
        foreach (var agent in Agents)
        {
            if (!_byId.TryAdd(agent.AgentId, agent))
            {
                throw new InvalidRequestException($"Two agents have the id '{agent.AgentId}'. Give one of them another id.");
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<Agent> Agents { get; }

    /// <inheritdoc/>
    public Agent? Find(string agentId) => _byId.GetValueOrDefault(agentId);
}
