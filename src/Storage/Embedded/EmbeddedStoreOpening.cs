using Microsoft.Extensions.Hosting;

namespace Cluster.Storage.Embedded;

/// <summary>Opens the store when the host starts instead of at the first request: asking for the store is what opens it.</summary>
/// <param name="store">The store.</param>
internal sealed class EmbeddedStoreOpening(EmbeddedStore store) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = store;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
