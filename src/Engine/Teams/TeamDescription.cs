using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;

namespace Cluster.Engine.Teams;

/// <summary>What can be told of a team in another process beyond what is told of its leader.</summary>
/// <param name="Mode">How the team works on a task.</param>
/// <param name="Delegation">How tasks are handed to members.</param>
/// <param name="MaxIterations">How often the leader may look at its list of tasks.</param>
/// <param name="Members">The members, with theirs.</param>
public sealed record TeamDescription(TeamMode Mode, DelegationSettings Delegation, int MaxIterations, ImmutableArray<AgentDescription> Members)
{
    /// <summary>Describes a team.</summary>
    /// <param name="team">The team.</param>
    /// <param name="models">Names the members' models.</param>
    /// <returns>The description.</returns>
    public static TeamDescription Of(Team team, ModelCatalog models)
    {
        ArgumentNullException.ThrowIfNull(team);
        return new TeamDescription(team.Mode, team.Delegation, team.MaxIterations, [.. team.Members.Select(member => AgentDescription.Of(member, models))]);
    }

    /// <summary>Makes a team of the description, of which only the leader is not told yet.</summary>
    internal Team ToTeam() => new() { Mode = Mode, Delegation = Delegation, MaxIterations = MaxIterations, Members = [.. Members.Select(member => member.ToAgent())] };
}
