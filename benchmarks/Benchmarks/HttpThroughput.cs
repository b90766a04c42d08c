using System.Diagnostics;
using System.Globalization;

namespace Cluster.Benchmarks;

/// <summary>How many runs a server completes over HTTP, and how soon the first event of a streamed run arrives. Every run has a session of its own.</summary>
internal static class HttpThroughput
{
    /// <summary>A server's code is optimised while it works; what is measured is a server that has worked for a while.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);

    public static async Task MeasureAsync(Uri server, string agentId, ThroughputSettings settings, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { PooledConnectionLifetime = Timeout.InfiniteTimeSpan };
        using var client = new HttpClient(handler) { BaseAddress = server };
        var path = new Uri($"/agents/{agentId}/runs", UriKind.Relative);
        var processes = new ServerProcesses(settings.Pids);
        await Load.RunAsync(settings.Callers.Max(), WarmUp, (_, stop) => CallAsync(client, path, streamed: false, stop), cancellationToken);

        foreach (var streamed in new[] { false, true })
        {
            Console.WriteLine(streamed ? "\nstreamed:\n" : "not streamed:\n");
            Console.WriteLine("| callers | runs/s | median ms | p99 ms | first event, median ms | first event, p99 ms | processor ms a run |");
            Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|");
            foreach (var count in settings.Callers)
            {
                processes.Begin();
                var result = await Load.RunAsync(count, TimeSpan.FromSeconds(settings.Seconds), (_, stop) => CallAsync(client, path, streamed, stop), cancellationToken);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {result.Callers} | {result.PerSecond:N0} | {result.Median:N2} | {result.P99:N2} | {result.FirstMedian:N2} | {result.FirstP99:N2} | {processes.PerCall(result.Calls)} |"));
            }
        }
    }

    public static async Task<double> CallAsync(HttpClient client, Uri path, bool streamed, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        using var form = new FormUrlEncodedContent([new("message", "Hello"), new("stream", streamed ? "true" : "false")]);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = form };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var answer = new MemoryStream();
        var buffer = new byte[16 * 1024];
        var read = await body.ReadAsync(buffer, cancellationToken);
        var first = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        for (; read > 0; read = await body.ReadAsync(buffer, cancellationToken))
        {
            await answer.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        var said = answer.GetBuffer().AsSpan(0, (int)answer.Length);
        return said.IndexOf(streamed ? "event: RunCompleted\n"u8 : "\"status\":\"COMPLETED\""u8) >= 0
            ? first
            : throw new InvalidOperationException($"A run did not complete: {System.Text.Encoding.UTF8.GetString(said)}");
    }
}

/// <summary>How throughput is measured.</summary>
/// <param name="Callers">How many callers at once, one number after the other.</param>
/// <param name="Seconds">How long each of them.</param>
/// <param name="Pids">The server's processes, whose use is shown.</param>
internal sealed record ThroughputSettings(int[] Callers, int Seconds, int[] Pids);
