using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Cluster.Benchmarks;

/// <summary>Readers that ask for the stream of a run and read nothing of it: what they cost the server, and whether others are served meanwhile.</summary>
internal static class UnreadReaders
{
    /// <summary>Readers of runs that are at work: their model has said much and says no more.</summary>
    public static async Task MeasureLiveAsync(Uri server, string agentId, string otherAgentId, UnreadSettings settings, CancellationToken cancellationToken)
    {
        await using var model = await WordModel.StartAsync(settings.ModelPort, TimeSpan.Zero, settings.Events, new string('x', settings.EventBytes), staysSilent: true);
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue };
        using var client = new HttpClient(handler) { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        var runs = await Task.WhenAll(Enumerable.Range(0, settings.Runs).Select(_ => SpeakAsync(client, agentId, settings.Events, cancellationToken)));
        await HoldAsync(client, [.. runs.Select(run => $"/agents/{agentId}/runs/{run}/resume")], otherAgentId, settings, cancellationToken);
        foreach (var run in runs)
        {
            using var cancelled = await client.PostAsync(new Uri($"/agents/{agentId}/runs/{run}/cancel", UriKind.Relative), null, cancellationToken);
        }
    }

    /// <summary>Readers of one run that is over, whose message was large.</summary>
    public static async Task MeasureReplayAsync(Uri server, string agentId, int megabytes, UnreadSettings settings, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        using var message = new StringContent(new string('x', megabytes * 1024 * 1024));
        using var stream = new StringContent("false");
        using var form = new MultipartFormDataContent { { message, "message" }, { stream, "stream" } };
        using var answer = await client.PostAsync(new Uri($"/agents/{agentId}/runs", UriKind.Relative), form, cancellationToken);
        answer.EnsureSuccessStatusCode();
        using var run = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
        await HoldAsync(client, [$"/agents/{agentId}/runs/{run.RootElement.GetProperty("run_id").GetString()}/resume"], agentId, settings, cancellationToken);
    }

    private static async Task<string> SpeakAsync(HttpClient client, string agentId, int events, CancellationToken cancellationToken)
    {
        const string RunId = "\"run_id\":\"";
        using var form = new FormUrlEncodedContent([new("message", "Speak"), new("stream", "true")]);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/agents/{agentId}/runs", UriKind.Relative)) { Content = form };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        var runId = string.Empty;
        for (var said = 0; said < events && await reader.ReadLineAsync(cancellationToken) is { } line;)
        {
            said += line == "event: RunContent" ? 1 : 0;
            if (runId.Length == 0 && line.IndexOf(RunId, StringComparison.Ordinal) is > 0 and var at)
            {
                runId = line.Substring(at + RunId.Length, 36);
            }
        }

        return runId;
    }

    private static async Task HoldAsync(HttpClient client, string[] paths, string otherAgentId, UnreadSettings settings, CancellationToken cancellationToken)
    {
        var memory = new ResidentMemory(settings.Pids);
        var path = new Uri($"/agents/{otherAgentId}/runs", UriKind.Relative);
        await HttpThroughput.CallAsync(client, path, streamed: false, cancellationToken);
        Console.WriteLine($"| seconds | readers | a new run, ms | {string.Join(" | ", settings.Pids.Select(pid => $"process {pid}, MiB"))} |");
        Console.WriteLine($"|---:|---:|---:|{string.Concat(Enumerable.Repeat("---:|", settings.Pids.Length))}");
        Console.WriteLine($"| before | 0 | | {memory.Look()} |");
        var sockets = new List<Socket>();
        var opening = Task.WhenAll(Enumerable.Range(0, settings.Readers).Select(reader => OpenAsync(client.BaseAddress!, paths[reader % paths.Length], sockets, cancellationToken)));
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < settings.Seconds)
        {
            var start = Stopwatch.GetTimestamp();
            await HttpThroughput.CallAsync(client, path, streamed: false, cancellationToken);
            var taken = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {clock.Elapsed.TotalSeconds:N0} | {sockets.Count} | {taken:N0} | {memory.Look()} |"));
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        }

        await opening;
        Console.WriteLine($"| most | | | {memory.Most()} |");
        sockets.ForEach(socket => socket.Dispose());
    }

    private static async Task OpenAsync(Uri server, string path, List<Socket> sockets, CancellationToken cancellationToken)
    {
        // What the system buffers for a reader is not the server's memory.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4 * 1024 };
        await socket.ConnectAsync(server.Host, server.Port, cancellationToken);
        var request = $"POST {path} HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes(request), cancellationToken);
        lock (sockets)
        {
            sockets.Add(socket);
        }
    }
}

/// <summary>Who does not read what.</summary>
/// <param name="Readers">How many readers.</param>
/// <param name="Runs">How many runs they share.</param>
/// <param name="Events">How many deltas each run has.</param>
/// <param name="EventBytes">How many characters each delta has.</param>
/// <param name="Seconds">How long they are held.</param>
/// <param name="ModelPort">Where the model listens.</param>
/// <param name="Pids">The server's processes.</param>
internal sealed record UnreadSettings(int Readers, int Runs, int Events, int EventBytes, int Seconds, int ModelPort, int[] Pids);
