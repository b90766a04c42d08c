using System.Diagnostics;
using System.Globalization;

namespace Cluster.Benchmarks;

/// <summary>Keeps a server busy for a long time, half of the callers with streams, and shows the memory of its processes over time.</summary>
internal static class Soak
{
    public static async Task MeasureAsync(Uri server, string agentId, SoakSettings settings, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { PooledConnectionLifetime = Timeout.InfiniteTimeSpan };
        using var client = new HttpClient(handler) { BaseAddress = server };
        var path = new Uri($"/agents/{agentId}/runs", UriKind.Relative);
        var memory = new ResidentMemory(settings.Pids);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var calls = 0L;
        var failures = 0L;
        var callers = Enumerable.Range(0, settings.Callers).Select(caller => CallAsync(caller % 2 == 0)).ToArray();

        Console.WriteLine($"| minutes | runs | failed | {string.Join(" | ", settings.Pids.Select(pid => $"process {pid}, MiB"))} |");
        Console.WriteLine($"|---:|---:|---:|{string.Concat(Enumerable.Repeat("---:|", settings.Pids.Length))}");
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalMinutes < settings.Minutes)
        {
            await Task.Delay(TimeSpan.FromSeconds(settings.Every), cancellationToken);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {clock.Elapsed.TotalMinutes:N1} | {Interlocked.Read(ref calls)} | {Interlocked.Read(ref failures)} | {memory.Look()} |"));
        }

        await end.CancelAsync();
        await Task.WhenAll(callers);
        Console.WriteLine($"| most | | | {memory.Most()} |");

        async Task CallAsync(bool streamed)
        {
            while (!end.IsCancellationRequested)
            {
                try
                {
                    await HttpThroughput.CallAsync(client, path, streamed, end.Token);
                    Interlocked.Increment(ref calls);
                }
                catch (OperationCanceledException) when (end.IsCancellationRequested)
                {
                    return;
                }
                catch (Exception failure) when (failure is HttpRequestException or InvalidOperationException)
                {
                    Interlocked.Increment(ref failures);
                }
            }
        }
    }
}

/// <summary>How long a server is kept busy.</summary>
/// <param name="Minutes">How long.</param>
/// <param name="Every">After how many seconds memory is looked at.</param>
/// <param name="Callers">How many callers at once.</param>
/// <param name="Pids">The server's processes.</param>
internal sealed record SoakSettings(double Minutes, int Every, int Callers, int[] Pids);
