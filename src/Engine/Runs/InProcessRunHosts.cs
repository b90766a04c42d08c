using System.Collections.Concurrent;
using Cluster.Engine.Scopes;

namespace Cluster.Engine.Runs;

/// <summary>The runs of all tenants in this process. Each tenant has a host of its own, which knows nothing of the others.</summary>
/// <param name="create">Makes the host of a tenant.</param>
/// <param name="reads">Finds out which tenants have unfinished runs.</param>
public sealed class InProcessRunHosts(Func<TenantId, InProcessRunHost> create, ICrossTenantReads reads) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<TenantId, Lazy<InProcessRunHost>> _hosts = [];

    private IEnumerable<InProcessRunHost> All => _hosts.Values.Select(host => host.Value);

    /// <summary>Gives the host of a tenant.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <returns>Always the same one.</returns>
    public InProcessRunHost For(TenantId tenant) => _hosts.GetOrAdd(tenant, static (id, make) => new Lazy<InProcessRunHost>(() => make(id)), create).Value;

    /// <summary>Goes on with the unfinished runs of all tenants.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>How many runs go on.</returns>
    public async Task<int> RecoverAsync(CancellationToken cancellationToken = default)
    {
        var recovered = 0;
        foreach (var tenant in (await reads.ListUnfinishedOfAllAsync(cancellationToken)).Select(run => run.Tenant).Distinct())
        {
            recovered += await For(tenant).RecoverAsync(cancellationToken);
        }

        return recovered;
    }

    /// <summary>Tries the runs again that could not be recorded, and whose pause is over.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>How many runs are tried again.</returns>
    public async Task<int> RetryAsync(CancellationToken cancellationToken = default)
    {
        var retried = 0;
        foreach (var host in All)
        {
            retried += await host.RetryAsync(cancellationToken);
        }

        return retried;
    }

    /// <summary>Lets runs end their steps, and no more begin.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A task that ends when nothing is at work.</returns>
    public Task HandOverAsync(CancellationToken cancellationToken = default) => Task.WhenAll(All.Select(host => host.HandOverAsync(cancellationToken)));

    /// <summary>Stops runs where they are.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A task that ends when nothing is at work.</returns>
    public Task StopAsync(CancellationToken cancellationToken = default) => Task.WhenAll(All.Select(host => host.StopAsync(cancellationToken)));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var host in All)
        {
            await host.DisposeAsync();
        }
    }
}
