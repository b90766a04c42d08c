using System.Diagnostics;
using System.Globalization;

namespace Cluster.Benchmarks;

/// <summary>How many runs a server completes over HTTP, and how soon the first event of a streamed run arrives.</summary>
internal static class HttpThroughput
{
    /// <summary>A server's code is optimised while it works; what is measured is a server that has worked for a while.</summary>
    private const int WarmUp = 15;

    public static async Task MeasureAsync(Uri server, string agentId, ThroughputSettings settings, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { PooledConnectionLifetime = Timeout.InfiniteTimeSpan };
        using var client = new HttpClient(handler) { BaseAddress = server };
        var path = new Uri($"/agents/{agentId}/runs", UriKind.Relative);
        var processes = new ServerProcesses(settings.Pids);
        var sessions = new SessionPool(settings.Sessions, settings.Callers.Max());
        await sessions.PrepareAsync(caller => CallAsync(client, path, sessions.Next(caller), streamed: false, cancellationToken));
        await Load.RunAsync(
            settings.Callers.Max(), TimeSpan.FromSeconds(settings.WarmUp ?? WarmUp), (caller, stop) => CallAsync(client, path, sessions.Next(caller), streamed: false, stop), cancellationToken);

        foreach (var streamed in new[] { false, true })
        {
            Console.WriteLine(streamed ? "\nstreamed:\n" : "not streamed:\n");
            Console.WriteLine("| callers | runs/s | median ms | p99 ms | first event, median ms | first event, p99 ms | processor ms a run |");
            Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|");
            foreach (var count in settings.Callers)
            {
                processes.Begin();
                var result = await Load.RunAsync(count, TimeSpan.FromSeconds(settings.Seconds), (caller, stop) => CallAsync(client, path, sessions.Next(caller), streamed, stop), cancellationToken);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {result.Callers} | {result.PerSecond:N0} | {result.Median:N2} | {result.P99:N2} | {result.FirstMedian:N2} | {result.FirstP99:N2} | {processes.PerCall(result.Calls)} |"));
            }
        }
    }

    /// <summary>Runs once in a new session.</summary>
    public static Task<double> CallAsync(HttpClient client, Uri path, bool streamed, CancellationToken cancellationToken) =>
        CallAsync(client, path, Guid.CreateVersion7().ToString(), streamed, cancellationToken);

    private static async Task<double> CallAsync(HttpClient client, Uri path, string sessionId, bool streamed, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        using var form = new FormUrlEncodedContent([new("message", "Hello"), new("session_id", sessionId), new("stream", streamed ? "true" : "false")]);
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
/// <param name="Sessions">In which sessions.</param>
internal sealed record ThroughputSettings(int[] Callers, int Seconds, int[] Pids, SessionSettings Sessions)
{
    /// <summary>Gets a value indicating whether every run calls a tool.</summary>
    public bool WithTool { get; init; }

    /// <summary>Gets how many seconds go before; null for as many as the benchmark needs.</summary>
    public int? WarmUp { get; init; }
}
