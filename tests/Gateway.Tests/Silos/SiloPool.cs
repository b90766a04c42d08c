using System.Collections.Concurrent;
using Cluster.Engine.Agents;

namespace Cluster.Gateway.Tests.Silos;

/// <summary>Silos with the same agents, lent to one test at a time: most tests differ only in what they find in the store.</summary>
/// <param name="agents">The agents.</param>
/// <param name="timeProvider">The clock of their runs.</param>
internal sealed class SiloPool(IReadOnlyCollection<Agent> agents, TimeProvider timeProvider) : IAsyncDisposable
{
    private readonly ConcurrentBag<TwoSilos> _free = [];

    public async Task<TwoSilos> TakeAsync(CancellationToken cancellationToken) =>
        _free.TryTake(out var silos) ? silos : await TwoSilos.StartAsync(agents, timeProvider, cancellationToken);

    public async Task GiveBackAsync(TwoSilos silos)
    {
        if (await silos.TryForgetAsync())
        {
            _free.Add(silos);
        }
        else
        {
            await silos.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_free.TryTake(out var silos))
        {
            await silos.DisposeAsync();
        }
    }
}
