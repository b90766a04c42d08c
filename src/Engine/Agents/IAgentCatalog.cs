using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Teams;

namespace Cluster.Engine.Agents;

/// <summary>Knows the agents and teams that can be run.</summary>
public interface IAgentCatalog
{
    /// <summary>Gets the agents, in the order in which they were registered. Members of teams that are not registered themselves are not among them.</summary>
    IReadOnlyList<Agent> Agents { get; }

    /// <summary>Gets the teams, in the order in which they were registered.</summary>
    IReadOnlyList<Team> Teams { get; }

    /// <summary>Looks an agent up.</summary>
    /// <param name="agentId">The agent's id.</param>
    /// <returns>The agent; null when there is none.</returns>
    Agent? Find(string agentId);

    /// <summary>Looks a team up.</summary>
    /// <param name="teamId">The team's id.</param>
    /// <returns>The team; null when there is none.</returns>
    Team? FindTeam(string teamId);
}

/// <summary>What every catalog of agents can be asked.</summary>
public static class AgentCatalogExtensions
{
    /// <summary>Finds who has to run for a request: an agent, a team, or a member of a team.</summary>
    /// <param name="agents">The catalog.</param>
    /// <param name="request">The request.</param>
    /// <returns>The agent or team; null when there is none any more.</returns>
    public static Agent? Find(this IAgentCatalog agents, RunRequest request)
    {
        ArgumentNullException.ThrowIfNull(agents);
        ArgumentNullException.ThrowIfNull(request);
        if (request.Teams is not [var root, .. var path])
        {
            return request.ComponentType == SessionType.Team ? agents.FindTeam(request.AgentId) : agents.Find(request.AgentId);
        }

        var team = path.Aggregate(agents.FindTeam(root), (outer, id) => outer?.FindMember(id) as Team);
        return team?.FindMember(request.AgentId);
    }

    /// <summary>Gives every agent and team, members included, as deep as they are nested.</summary>
    /// <param name="agents">The catalog.</param>
    /// <returns>The agents and teams.</returns>
    public static IEnumerable<Agent> All(this IAgentCatalog agents)
    {
        ArgumentNullException.ThrowIfNull(agents);
        return agents.Agents.Concat(agents.Teams.SelectMany(WithMembers));
    }

    private static IEnumerable<Agent> WithMembers(Agent agent) => agent is Team team ? team.Members.SelectMany(WithMembers).Prepend(team) : [agent];
}

/// <summary>A fixed set of agents and teams.</summary>
public sealed class AgentCatalog : IAgentCatalog
{
    /// <summary>So many teams may stand one inside the other.</summary>
    public const int MaxDepth = 8;

    private readonly Dictionary<string, Agent> _agents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Team> _teams = new(StringComparer.Ordinal);

    /// <summary>Creates the catalog.</summary>
    /// <param name="agents">The agents and teams.</param>
    /// <exception cref="InvalidRequestException">Two of a kind have the same id, or a team is not well made.</exception>
    public AgentCatalog(IEnumerable<Agent> agents)
    {
        var all = agents.ToArray();
        Agents = [.. all.Where(agent => agent is not Team)];
        Teams = [.. all.OfType<Team>()];
        foreach (var agent in Agents)
        {
            if (!_agents.TryAdd(agent.AgentId, agent))
            {
                throw new InvalidRequestException($"Two agents have the id '{agent.AgentId}'. Give one of them another id.");
            }
        }

        foreach (var team in Teams)
        {
            Demand(team, depth: 1);
            if (!_teams.TryAdd(team.AgentId, team))
            {
                throw new InvalidRequestException($"Two teams have the id '{team.AgentId}'. Give one of them another id.");
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<Agent> Agents { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Team> Teams { get; }

    /// <inheritdoc/>
    public Agent? Find(string agentId) => _agents.GetValueOrDefault(agentId);

    /// <inheritdoc/>
    public Team? FindTeam(string teamId) => _teams.GetValueOrDefault(teamId);

    private static void Demand(Team team, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new InvalidRequestException($"The team '{team.AgentId}' stands inside of {depth - 1} others; at most {MaxDepth} may stand one inside the other.");
        }

        if (team.Members.IsEmpty)
        {
            throw new InvalidRequestException($"The team '{team.AgentId}' has no members. Give it at least one.");
        }

        if (team.Members.GroupBy(member => member.AgentId, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new InvalidRequestException($"Two members of the team '{team.AgentId}' have the id '{twice.Key}'. Give one of them another id.");
        }

        foreach (var inner in team.Members.OfType<Team>())
        {
            Demand(inner, depth + 1);
        }
    }
}
