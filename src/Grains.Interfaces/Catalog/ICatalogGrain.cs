using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Grains.Interfaces.Runs;

namespace Cluster.Grains.Interfaces.Catalog;

/// <summary>Tells clients what the cluster has. It keeps nothing itself: any silo answers.</summary>
[Alias("cluster.catalog")]
public interface ICatalogGrain : IGrainWithIntegerKey
{
    /// <summary>Tells which silos and definitions there are. It is cheap: clients ask every second.</summary>
    /// <returns>The state.</returns>
    [ResponseTimeout(CallTimeouts.Pulse)]
    [Alias("pulse")]
    Task<ClusterPulse> PulseAsync();

    /// <summary>Lists the agents that the silos run and then the teams, each in the order in which they were defined.</summary>
    /// <returns>The agents and teams.</returns>
    [Alias("list-agents")]
    Task<ImmutableArray<AgentDescription>> ListAgentsAsync();
}

/// <summary>What a client has to notice.</summary>
/// <param name="Members">A text that changes whenever a silo joins or leaves.</param>
/// <param name="Definitions">A text that changes whenever the silos' definitions do.</param>
[GenerateSerializer, Immutable, Alias("cluster.pulse")]
public sealed record ClusterPulse([property: Id(0)] string Members, [property: Id(1)] string Definitions)
{
    /// <summary>Gets why the silo's writes fail, in a few words; null when they do not.</summary>
    [Id(2)]
    public string? StoreFailure { get; init; }
}
