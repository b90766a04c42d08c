using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Cluster.Benchmarks;

/// <summary>Many readers, each of whom follows a run that says a word now and then: how long a word travels from the model's socket to the reader's.</summary>
internal static class HeldReaders
{
    public static async Task MeasureAsync(Uri server, string agentId, ReaderSettings settings, CancellationToken cancellationToken)
    {
        await using var model = await WordModel.StartAsync(settings.ModelPort, TimeSpan.FromMilliseconds(settings.Pause), settings.Words);
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue };
        using var client = new HttpClient(handler) { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        var path = new Uri($"/agents/{agentId}/runs", UriKind.Relative);
        var processes = new ServerProcesses(settings.Pids);
        await ReadAsync(client, path, [], cancellationToken);

        processes.Begin();
        var travels = new ConcurrentBag<double>();
        var clock = Stopwatch.StartNew();
        var readers = Enumerable.Range(0, settings.Count).Select(_ => ReadOneAsync()).ToArray();
        await Task.Delay(TimeSpan.FromMilliseconds(settings.Pause * settings.Words * 0.8), cancellationToken);
        processes.Print();
        await Task.WhenAll(readers);

        var sorted = travels.Order().ToArray();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{settings.Count} readers heard {sorted.Length} of {settings.Count * settings.Words} words in {clock.Elapsed.TotalSeconds:N1} s; a word travelled {sorted[sorted.Length / 2]:N2} ms (median), {sorted[(int)(sorted.Length * 0.99)]:N2} ms (p99)"));

        async Task ReadOneAsync() => await ReadAsync(client, path, travels, cancellationToken);
    }

    private static async Task ReadAsync(HttpClient client, Uri path, ConcurrentBag<double> travels, CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent([new("message", "Speak"), new("stream", "true")]);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = form };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        var hasEnded = false;
        var isWord = false;
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (isWord && line.StartsWith("data: ", StringComparison.Ordinal))
            {
                travels.Add(Travelled(line));
            }

            isWord = line == "event: RunContent";
            hasEnded |= line == "event: RunCompleted";
        }

        if (!hasEnded)
        {
            throw new InvalidOperationException("A stream ended before its run did.");
        }
    }

    private static double Travelled(string line)
    {
        const string Content = "\"content\":\"";
        var from = line.IndexOf(Content, StringComparison.Ordinal) + Content.Length;
        var said = long.Parse(line.AsSpan(from, line.IndexOf(' ', from) - from), CultureInfo.InvariantCulture);
        return Stopwatch.GetElapsedTime(said).TotalMilliseconds;
    }
}

/// <summary>How many readers hear what.</summary>
/// <param name="Count">How many readers.</param>
/// <param name="Words">How many words each run says.</param>
/// <param name="Pause">Milliseconds before each word.</param>
/// <param name="ModelPort">Where the model listens.</param>
/// <param name="Pids">The server's processes, whose use is shown.</param>
internal sealed record ReaderSettings(int Count, int Words, int Pause, int ModelPort, int[] Pids);
