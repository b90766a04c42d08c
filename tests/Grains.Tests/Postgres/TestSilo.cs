using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Storage;

namespace Cluster.Grains.Tests.Postgres;

/// <summary>A silo in this process that knows its cluster from the database only.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    public const string Streams = "test-streams";

    private readonly IHost _host;

    private TestSilo(IHost host) => _host = host;

    public IGrainFactory Grains => Get<IGrainFactory>();

    /// <summary>Gets the storage of grains that ask for none by name.</summary>
    public IGrainStorage Storage => _host.Services.GetRequiredKeyedService<IGrainStorage>("Default");

    public static async Task<TestSilo> StartAsync(string connectionString, string clusterId = "test")
    {
        var host = Build(connectionString, clusterId);
        try
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            return new TestSilo(host);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }

    private static IHost Build(string connectionString, string clusterId)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<AlarmClock>();
        builder.UseOrleans(silo => silo
            .UsePostgres(connectionString)
            .ConfigureEndpoints(IPAddress.Loopback, FreePort(), FreePort())
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (clusterId, "test"))
            .AddMemoryStreams(Streams));
        return builder.Build();
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
