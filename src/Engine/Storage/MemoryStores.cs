using System.Collections.Concurrent;
using System.Collections.Immutable;
using Cluster.Engine.Approvals;
using Cluster.Engine.Contents;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;

namespace Cluster.Engine.Storage;

/// <summary>What all tenants have, in memory: each has a store of its own.</summary>
/// <param name="media">Keeps the content of media; null where it stays in the records.</param>
public sealed class MemoryStores(MemoryMediaStore? media = null) : ICrossTenantReads
{
    private readonly ConcurrentDictionary<TenantId, MemoryStore> _stores = [];

    /// <summary>Gives the store of a tenant.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <returns>Always the same one.</returns>
    public MemoryStore For(TenantId tenant) => _stores.GetOrAdd(tenant, id => new MemoryStore(id) { Media = media });

    /// <inheritdoc/>
    public Task<ImmutableArray<TenantId>> ListTenantsAsync(CancellationToken cancellationToken = default) => Task.FromResult(_stores.Keys.ToImmutableArray());

    /// <inheritdoc/>
    public async Task<ImmutableArray<UnfinishedRun>> ListUnfinishedOfAllAsync(CancellationToken cancellationToken = default)
    {
        var unfinished = await Task.WhenAll(_stores.Values.Select(store => store.ListUnfinishedAsync(null, cancellationToken)));
        return [.. unfinished.SelectMany(runs => runs)];
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<TenantId>> ListTenantsWithDueApprovalsAsync(long now, CancellationToken cancellationToken = default)
    {
        var due = await Task.WhenAll(_stores.Select(async store => (store.Key, Due: await ((IApprovalStore)store.Value).ListDueAsync(now, 1, cancellationToken))));
        return [.. due.Where(store => !store.Due.IsEmpty).Select(store => store.Key)];
    }
}
