using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Engine.Storage;

namespace Cluster.Hosting.Health;

/// <summary>Ready when the store answers, and what it was given last was written: it is asked for a session that does not exist.</summary>
/// <param name="sessions">The store.</param>
/// <param name="health">Tells whether it is written; null for a store in memory.</param>
public sealed class StoreReadinessCheck(PerTenant<ISessionStore> sessions, IStoreHealth? health = null) : IReadinessCheck
{
    /// <inheritdoc/>
    public string Name => "store";

    /// <inheritdoc/>
    public async ValueTask<string?> CheckAsync(CancellationToken cancellationToken = default)
    {
        if (health is not null && await health.FindFailureAsync(cancellationToken) is { } failure)
        {
            return failure;
        }

        await sessions.For(TenantId.Default).FindAsync("readiness", cancellationToken);
        return null;
    }
}
