using Cluster.Api.Errors;
using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Api.Runs;

/// <summary>A kind of component that is run. What can be done with runs is the same for all; routes and answers name the kind.</summary>
/// <param name="Type">The kind in sessions.</param>
/// <param name="Name">What one is called in routes, fields and names of operations.</param>
/// <param name="Tag">What they are called together.</param>
internal sealed record ComponentKind(SessionType Type, string Name, string Tag)
{
    public static ComponentKind Agent { get; } = new(SessionType.Agent, "agent", "Agents");

    public static ComponentKind Team { get; } = new(SessionType.Team, "team", "Teams");

    public static IReadOnlyList<ComponentKind> All { get; } = [Agent, Team];

    /// <summary>Gets the name of the value in routes that says which one.</summary>
    public string IdName => $"{Name}_id";

    /// <summary>Gets the route of one of them.</summary>
    public string Route => $"/{Name}s/{{{IdName}}}";

    /// <summary>Looks the component of a route up.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public Agent Require(IAgentCatalog agents, string componentId) =>
        (Type == SessionType.Team ? agents.FindTeam(componentId) : agents.Find(componentId)) ?? throw ApiException.NotFound($"{Type} not found");

    /// <summary>Tells whether a run is one of a component of this kind.</summary>
    public bool Ran(RunOutput run, string componentId) => (Type == SessionType.Team ? run.TeamId : run.AgentId) == componentId;

    /// <summary>Tells whether a run is one of a component of this kind.</summary>
    public bool Ran(RunSummary run, string componentId) => run.ComponentType == Type && run.ComponentId == componentId;
}
