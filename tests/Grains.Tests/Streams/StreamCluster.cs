using System.Net;
using System.Net.Sockets;
using Cluster.Grains.Interfaces.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Storage;

namespace Cluster.Grains.Tests.Streams;

/// <summary>Two silos and a client in this process, over loopback.</summary>
public sealed class StreamCluster : IAsyncDisposable
{
    /// <summary>Longer than anything else takes when a silo stops.</summary>
    public const double WaitSeconds = 4;

    public const int QueueCapacity = 500;

    private readonly List<IHost> _silos = [];
    private readonly List<IHost> _clients = [];
    private readonly string _clusterId = Guid.NewGuid().ToString("N");
    private readonly SharedGrainStorage _storage = new();
    private readonly RunStreamKind _kind;
    private int _gatewayPort;

    private StreamCluster(RunStreamKind kind) => _kind = kind;

    public IClusterClient Client => _clients[^1].Services.GetRequiredService<IClusterClient>();

    public static async Task<StreamCluster> DeployAsync(RunStreamKind kind = RunStreamKind.Waiting)
    {
        var cluster = new StreamCluster(kind);
        var ports = FreePorts(4);
        cluster._gatewayPort = ports[1];
        await cluster.StartSiloAsync(ports[0], ports[1], ports[0]);
        await cluster.StartSiloAsync(ports[2], ports[3], ports[0]);
        await cluster.StartClientAsync();
        return cluster;
    }

    public Task ProduceAsync(string producer, string stream, int first, int count) =>
        Client.GetGrain<IProducerGrain>(producer).ProduceAsync(stream, first, count);

    public Task StopSecondSiloAsync() => _silos[1].StopAsync();

    /// <summary>Ends the second silo without letting it finish anything.</summary>
    public Task KillSecondSiloAsync() => _silos[1].StopAsync(new CancellationToken(canceled: true));

    public async Task ReplaceClientAsync()
    {
        await _clients[^1].StopAsync(new CancellationToken(canceled: true));
        await StartClientAsync();
    }

    /// <summary>Starts a client beside the others, and makes it the one that tests use.</summary>
    public async Task<IClusterClient> AddClientAsync()
    {
        await StartClientAsync();
        return Client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _clients.Concat(_silos))
        {
            using var end = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await host.StopAsync(end.Token);
            host.Dispose();
        }
    }

    private async Task StartSiloAsync(int port, int gatewayPort, int primaryPort)
    {
        var builder = NewHost();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(port, gatewayPort, new IPEndPoint(IPAddress.Loopback, primaryPort), _clusterId, _clusterId);
            silo.Services.AddKeyedSingleton<IGrainStorage>("PubSubStore", _storage);
            silo.AddRunStreams(Configure);
            silo.Configure<ClusterMembershipOptions>(membership =>
            {
                membership.ProbeTimeout = TimeSpan.FromSeconds(1);
                membership.NumMissedProbesLimit = 2;
            });
        });
        var host = builder.Build();
        await host.StartAsync();
        _silos.Add(host);
    }

    private async Task StartClientAsync()
    {
        var builder = NewHost();
        builder.UseOrleansClient(client => client.UseLocalhostClustering(_gatewayPort, _clusterId, _clusterId).AddRunStreams(Configure));
        var host = builder.Build();
        await host.StartAsync();
        _clients.Add(host);
    }

    private void Configure(RunStreamOptions options)
    {
        options.Kind = _kind;
        options.WaitSeconds = WaitSeconds;
        options.QueueCapacity = QueueCapacity;
    }

    private static HostApplicationBuilder NewHost()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        return builder;
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in listeners)
        {
            listener.Start();
        }

        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        foreach (var listener in listeners)
        {
            listener.Dispose();
        }

        return ports;
    }
}

/// <summary>A cluster that tests share which leave it as it is.</summary>
public sealed class StreamClusterFixture : IAsyncLifetime
{
    public StreamCluster Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Cluster = await StreamCluster.DeployAsync();

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
