using System.Collections.Immutable;
using Cluster.Api.Tests;
using Cluster.Engine.Agents;
using Cluster.Gateway.Tests.Silos;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

[assembly: AssemblyFixture(typeof(Cluster.Gateway.Tests.BackendEnd))]

namespace Cluster.Gateway.Tests;

/// <summary>What runs the agents behind the API in the tests that are shared with Api.Tests: two silos, and the host of the API as their gateway.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private static readonly Lock Gate = new();
    private static SiloPool? _pool;

    private readonly TwoSilos _silos;
    private readonly SiloPool? _owner;

    private Backend(TwoSilos silos, SiloPool? owner)
    {
        _silos = silos;
        _owner = owner;
    }

    /// <summary>Makes the host of the API a gateway to silos that run the agents.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="agents">The agents that every test has.</param>
    /// <param name="configure">Adds agents, which the silos get, and other services of one test, which the gateway gets; null for none.</param>
    public static async Task<Backend> AddAsync(WebApplicationBuilder builder, ImmutableArray<Agent> agents, Action<IServiceCollection>? configure)
    {
        IServiceCollection services = new ServiceCollection();
        configure?.Invoke(services);
        var more = services.Where(service => service.ServiceType == typeof(Agent)).Select(service => (Agent)service.ImplementationInstance!).ToArray();
        var pool = more.Length == 0 ? PoolOf(agents) : null;
        var silos = pool is null
            ? await TwoSilos.StartAsync([.. agents, .. more], new StoppedTime(), TestContext.Current.CancellationToken)
            : await pool.TakeAsync(TestContext.Current.CancellationToken);
        silos.AddGateway(builder);
        foreach (var service in services.Where(service => service.ServiceType != typeof(Agent)))
        {
            builder.Services.Add(service);
        }

        return new Backend(silos, pool);
    }

    /// <summary>Stops the silos that no test uses any more.</summary>
    public static async Task EndAsync() => await (_pool?.DisposeAsync() ?? ValueTask.CompletedTask);

    public async ValueTask DisposeAsync() => await (_owner is null ? _silos.DisposeAsync() : new ValueTask(_owner.GiveBackAsync(_silos)));

    private static SiloPool PoolOf(ImmutableArray<Agent> agents)
    {
        lock (Gate)
        {
            return _pool ??= new SiloPool(agents, new StoppedTime());
        }
    }
}

/// <summary>Stops shared silos after the last test.</summary>
public sealed class BackendEnd : IAsyncDisposable
{
    public async ValueTask DisposeAsync() => await Backend.EndAsync();
}
