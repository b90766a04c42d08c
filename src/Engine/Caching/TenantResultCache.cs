using Cluster.Engine.Scopes;

namespace Cluster.Engine.Caching;

/// <summary>The results of one tenant in a cache that all share: every key begins with the tenant, so that nobody is given what was made for another.</summary>
/// <param name="shared">The cache of all.</param>
/// <param name="tenant">The tenant.</param>
public sealed class TenantResultCache(IResultCache shared, TenantId tenant) : IResultCache
{
    /// <inheritdoc/>
    public ValueTask<string?> FindAsync(string key, CancellationToken cancellationToken = default) => shared.FindAsync(ToKey(key), cancellationToken);

    /// <inheritdoc/>
    public ValueTask PutAsync(string key, string result, TimeSpan timeToLive, CancellationToken cancellationToken = default) =>
        shared.PutAsync(ToKey(key), result, timeToLive, cancellationToken);

    /// <summary>A tenant's id has no slash.</summary>
    private string ToKey(string key) => $"{tenant}/{key}";
}
