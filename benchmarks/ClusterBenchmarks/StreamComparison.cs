using System.Diagnostics;
using System.Globalization;
using Cluster.Grains.Interfaces.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cluster.ClusterBenchmarks;

/// <summary>How soon an event reaches a client, how many do, and what a silo costs that has nothing to do.</summary>
internal static class StreamComparison
{
    private const int Idle = 200;
    private const int Burst = 2_000;
    private const int Senders = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static async Task MeasureAsync(int port, int seconds, CancellationToken cancellationToken)
    {
        Console.WriteLine("| carrier | median ms | p99 ms | events/s | arrived | idle silo, % of a core |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        foreach (var poll in new[] { 100, 10, 5, 1 })
        {
            await MeasureAsync($"memory streams, {poll} ms", "memory", poll, port, seconds, observe: false, cancellationToken);
        }

        await MeasureAsync("waiting", "waiting", poll: 10, port, seconds, observe: false, cancellationToken);
        await MeasureAsync("grain observer", "waiting", poll: 10, port, seconds, observe: true, cancellationToken);
    }

    private static async Task MeasureAsync(string name, string kind, int poll, int port, int seconds, bool observe, CancellationToken cancellationToken)
    {
        var invariant = CultureInfo.InvariantCulture;
        var start = new ProcessStartInfo(
            Environment.ProcessPath!, ["silo", "--kind", kind, "--poll", poll.ToString(invariant), "--port", port.ToString(invariant)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var silo = Process.Start(start)!;
        try
        {
            await silo.StandardOutput.ReadLineAsync(cancellationToken);
            using var host = NewClient(kind, poll, port);
            await host.StartAsync(cancellationToken);
            var (reader, observer) = await SubscribeAsync(host.Services.GetRequiredService<IClusterClient>(), observe);
            var grains = host.Services.GetRequiredService<IGrainFactory>();

            await BurstAsync(grains, observer, reader, cancellationToken);
            var (median, p99) = await IdleAsync(grains, observer, reader, cancellationToken);
            var (perSecond, arrived) = await BurstAsync(grains, observer, reader, cancellationToken);
            var used = await WatchAsync(silo, seconds, cancellationToken);
            Console.WriteLine(string.Create(invariant, $"| {name} | {median:N2} | {p99:N2} | {perSecond:N0} | {arrived:P1} | {used:P1} |"));
            GC.KeepAlive(reader);
            await host.StopAsync(cancellationToken);
        }
        finally
        {
            silo.Kill();
            await silo.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static IHost NewClient(string kind, int poll, int port)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleansClient(client => client
            .UseLocalhostClustering(port + 1, BenchmarkSilo.ClusterId, BenchmarkSilo.ClusterId)
            .AddRunStreams(options => BenchmarkSilo.Configure(options, kind, poll)));
        return builder.Build();
    }

    private static async Task<(EventReader Reader, IEventObserver? Observer)> SubscribeAsync(IClusterClient client, bool observe)
    {
        var reader = new EventReader();
        if (observe)
        {
            return (reader, client.CreateObjectReference<IEventObserver>(reader));
        }

        await client.GetStreamProvider(RunStreams.ProviderName).GetStream<SentEvent>(StreamId.Create("benchmark", "gateway")).SubscribeAsync(reader);
        return (reader, null);
    }

    private static async Task<(double Median, double P99)> IdleAsync(
        IGrainFactory grains, IEventObserver? observer, EventReader reader, CancellationToken cancellationToken)
    {
        reader.Clear();
        for (var number = 0; number < Idle; number++)
        {
            await grains.GetGrain<ISenderGrain>(0).SendAsync(number, 1, observer);
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }

        await reader.WaitAsync(Idle, cancellationToken);
        var latencies = reader.Latencies();
        return (latencies[latencies.Length / 2], latencies[(int)(latencies.Length * 0.99)]);
    }

    private static async Task<(double PerSecond, double Arrived)> BurstAsync(
        IGrainFactory grains, IEventObserver? observer, EventReader reader, CancellationToken cancellationToken)
    {
        reader.Clear();
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => grains.GetGrain<ISenderGrain>(sender).SendAsync(0, Burst, observer)));
        await reader.WaitAsync(Senders * Burst, cancellationToken);
        return (reader.Count / reader.Elapsed.TotalSeconds, reader.Count / (double)(Senders * Burst));
    }

    private static async Task<double> WatchAsync(Process silo, int seconds, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, cancellationToken);
        silo.Refresh();
        var before = silo.TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        await Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, cancellationToken);
        silo.Refresh();
        return (silo.TotalProcessorTime - before) / clock.Elapsed;
    }
}
