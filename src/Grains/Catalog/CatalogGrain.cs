using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Grains.Interfaces.Catalog;
using Orleans.Concurrency;

namespace Cluster.Grains.Catalog;

/// <summary>Tells what this silo knows.</summary>
/// <param name="definitions">The agents.</param>
/// <param name="silos">The silos that this one knows.</param>
[StatelessWorker]
internal sealed class CatalogGrain(SiloDefinitions definitions, ISiloStatusOracle silos) : Grain, ICatalogGrain
{
    public Task<ClusterPulse> PulseAsync()
    {
        var members = silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Select(silo => silo.ToParsableString()).Order(StringComparer.Ordinal);
        return Task.FromResult(new ClusterPulse(string.Join(' ', members), definitions.Version));
    }

    public Task<ImmutableArray<AgentDescription>> ListAgentsAsync() => Task.FromResult(definitions.Agents);
}
