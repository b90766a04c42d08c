using Cluster.Grains.Interfaces.Streams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cluster.ClusterBenchmarks;

/// <summary>A silo in a process of its own, so that its processor time can be told from the client's.</summary>
internal static class BenchmarkSilo
{
    public const string ClusterId = "benchmark";

    public static async Task RunAsync(string kind, int poll, int port, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(port, port + 1, primarySiloEndpoint: null, ClusterId, ClusterId)
            .AddMemoryGrainStorage("PubSubStore")
            .AddRunStreams(options => Configure(options, kind, poll)));
        using var host = builder.Build();
        await host.StartAsync(cancellationToken);
        Console.WriteLine("ready");
        await Console.In.ReadLineAsync(cancellationToken);
        await host.StopAsync(CancellationToken.None);
    }

    public static void Configure(RunStreamOptions options, string kind, int poll)
    {
        options.Kind = Enum.Parse<RunStreamKind>(kind, ignoreCase: true);
        options.MemoryPollMilliseconds = poll;
    }
}
