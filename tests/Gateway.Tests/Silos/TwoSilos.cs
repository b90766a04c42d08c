using System.Collections.Immutable;
using System.Net;
using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Engine.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace Cluster.Gateway.Tests.Silos;

/// <summary>Two silos in this process that share one store.</summary>
internal sealed class TwoSilos : IAsyncDisposable
{
    private readonly string _id = $"test-{Guid.NewGuid():N}";
    private readonly MemoryStores _stores = new();
    private readonly ImmutableArray<SiloPorts> _ports = [SiloPorts.Find(), SiloPorts.Find()];
    private readonly List<IHost> _hosts = [];
    private readonly Action<ISiloBuilder>? _configure;

    private TwoSilos(Action<ISiloBuilder>? configure) => _configure = configure;

    private MemoryStore Store => _stores.For(TenantId.Default);

    /// <summary>Gets the log behind both silos.</summary>
    public IRunLog Log => Store;

    /// <summary>Starts the silos, the second after the first because it joins it.</summary>
    /// <param name="agents">The agents that both run.</param>
    /// <param name="timeProvider">The clock of their runs. The runtime keeps to the system's.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <param name="configure">Adds to both silos; null for nothing.</param>
    public static async Task<TwoSilos> StartAsync(
        IReadOnlyCollection<Agent> agents, TimeProvider timeProvider, CancellationToken cancellationToken, Action<ISiloBuilder>? configure = null)
    {
        var silos = new TwoSilos(configure);
        try
        {
            foreach (var ports in silos._ports)
            {
                var host = silos.Build(ports, agents, timeProvider);
                silos._hosts.Add(host);
                await host.StartAsync(cancellationToken);
            }

            return silos;
        }
        catch
        {
            await silos.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a host a gateway to these silos.</summary>
    public void AddGateway(IHostApplicationBuilder builder)
    {
        KeepRuntimeOnSystemTime(builder.Services);
        builder.Configuration.AddInMemoryCollection(Settings(_ports[0]));
        builder.AddGateway();
        builder.UseOrleansClient(client => client.Configure<StaticGatewayListProviderOptions>(
            options => options.Gateways = [.. _ports.Select(ports => new IPEndPoint(IPAddress.Loopback, ports.Gateway).ToGatewayUri())]));
    }

    /// <summary>Forgets all sessions and runs, so that another test finds none.</summary>
    /// <returns>False when that is not enough because runs are still at work.</returns>
    public async Task<bool> TryForgetAsync()
    {
        if (await Store.ListUnfinishedAsync() is not [])
        {
            return false;
        }

        var sessions = await ((ISessionStore)Store).ListAsync(new SessionQuery { Limit = int.MaxValue });
        await Store.DeleteAsync([.. sessions.Sessions.Select(session => session.SessionId)], userId: null);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts.AsEnumerable().Reverse())
        {
            await host.StopAsync(CancellationToken.None);
            host.Dispose();
        }
    }

    private IHost Build(SiloPorts ports, IEnumerable<Agent> agents, TimeProvider timeProvider)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(Settings(ports));
        builder.Services.AddSingleton(timeProvider);
        KeepRuntimeOnSystemTime(builder.Services);
        builder.Services.AddSingleton(_stores);
        foreach (var agent in agents)
        {
            builder.Services.AddAgent(agent);
        }

        builder.AddSilo();
        builder.UseOrleans(silo =>
        {
            silo.Configure<DevelopmentClusterMembershipOptions>(options => options.PrimarySiloEndpoint = new IPEndPoint(IPAddress.Loopback, _ports[0].Silo));
            _configure?.Invoke(silo);
        });
        return builder.Build();
    }

    private Dictionary<string, string?> Settings(SiloPorts ports) => new(ports.ToSettings()) { ["Cluster:Id"] = _id, ["Silo:HandOverSeconds"] = "0" };

    private static void KeepRuntimeOnSystemTime(IServiceCollection services) => services.AddKeyedSingleton(KeyedService.AnyKey, TimeProvider.System);
}
