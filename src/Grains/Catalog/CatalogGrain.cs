using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Storage;
using Cluster.Grains.Interfaces.Catalog;
using Orleans.Concurrency;

namespace Cluster.Grains.Catalog;

/// <summary>Tells what this silo knows.</summary>
/// <param name="definitions">The agents.</param>
/// <param name="silos">The silos that this one knows.</param>
/// <param name="health">Tells whether what runs do is written; null for a store in memory.</param>
[StatelessWorker]
internal sealed class CatalogGrain(SiloDefinitions definitions, ISiloStatusOracle silos, IStoreHealth? health = null) : Grain, ICatalogGrain
{
    public Task<ClusterPulse> PulseAsync()
    {
        var members = silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Select(silo => silo.ToParsableString()).Order(StringComparer.Ordinal);
        var failure = health?.LastFailure;
        if (failure is not null)
        {
            // The store may be well again although nobody writes. Nobody waits for it: the next pulse tells.
            Task.Run(() => health!.FindFailureAsync().AsTask()).Ignore();
        }

        return Task.FromResult(new ClusterPulse(string.Join(' ', members), definitions.Version) { StoreFailure = failure });
    }

    public Task<ImmutableArray<AgentDescription>> ListAgentsAsync() => Task.FromResult(definitions.Agents);
}
