using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Cluster.Api.Tests.Fuzzing;

/// <summary>
/// Sends a server thousands of requests that are nearly right, over the wire and with a fixed seed, and looks for answers that no client should get: failures,
/// answers without a word, names of types, traces of stacks. FUZZ_REQUESTS sets how many requests are sent, FUZZ_SEED where the chance begins.
/// </summary>
/// <param name="address">The server.</param>
internal sealed partial class Fuzzer(Uri address)
{
    private const int UsualSeed = 20_260;
    private const int Shown = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Sends the requests.</summary>
    /// <param name="usually">How many, unless the environment says it.</param>
    /// <param name="cancellationToken">Stops sending.</param>
    /// <returns>What should not have been answered, the first ones; empty when all was well.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(int usually, CancellationToken cancellationToken)
    {
        var (count, seed) = (Setting("FUZZ_REQUESTS") ?? usually, Setting("FUZZ_SEED") ?? UsualSeed);
        using var client = new HttpClient { BaseAddress = address };
        var description = JsonElement.Parse(await client.GetStringAsync("/openapi.json", cancellationToken));
        var known = await StartAsync(client, cancellationToken);
        var requests = new FuzzApi(description, new FuzzTexts(new Random(seed)));
        List<string> bad = [];
        for (var number = 0; number < count && bad.Count < Shown; number++)
        {
            var request = requests.Next(known);
            var (status, body) = await SendAsync(request, cancellationToken);
            if (Judge(request, status, body) is { } verdict)
            {
                bad.Add($"{number}: {verdict}: {request.Method} {request.Target}\n  {Printable(request)}\n  -> {status} {body}");
            }
        }

        await StartAsync(client, cancellationToken);
        return bad;
    }

    private static int? Setting(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>Runs an agent as usual: before the odd requests to have something that they can name, and behind them to see that the server still works.</summary>
    private static async Task<IReadOnlyDictionary<string, string>> StartAsync(HttpClient client, CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["message"] = "Hi", ["stream"] = "false", ["session_id"] = $"s{Guid.NewGuid():N}" });
        using var response = await client.PostAsync("/agents/echo-agent/runs", form, cancellationToken);
        var run = JsonElement.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken));
        return new Dictionary<string, string>
        {
            ["agent_id"] = "echo-agent",
            ["team_id"] = "demo-team",
            ["session_id"] = run.GetProperty("session_id").GetString()!,
            ["run_id"] = run.GetProperty("run_id").GetString()!,
            ["message_index"] = "1",
        };
    }

    private static string? Judge(FuzzRequest request, int status, string body) => status switch
    {
        0 => "no answer",
        >= 500 => "a failure",
        >= 400 when body.Length == 0 && !request.IsMalformed && !IsTooLong(request) => "a refusal without a word",
        _ when Internals().IsMatch(body) => "internals",
        _ => null,
    };

    /// <summary>The web server refuses long addresses itself.</summary>
    private static bool IsTooLong(FuzzRequest request) => request.Target.Length > 8_000 || request.Target.Contains("%00", StringComparison.Ordinal);

    private static string Printable(FuzzRequest request) =>
        $"{string.Join(", ", request.Headers.Select(header => $"{header.Name}: {Encoding.Latin1.GetString(header.Value)}"))} | {Encoding.Latin1.GetString(request.Body.AsSpan(0, Math.Min(600, request.Body.Length)))}";

    private async Task<(int Status, string Body)> SendAsync(FuzzRequest request, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(Patience);
        using var client = new TcpClient();
        using var answer = new MemoryStream();
        try
        {
            await client.ConnectAsync(address.Host, address.Port, stop.Token);
            var stream = client.GetStream();
            await stream.WriteAsync(request.ToBytes(), stop.Token);
            await stream.CopyToAsync(answer, stop.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (0, "it took too long");
        }
        catch (IOException) when (answer.Length > 0)
        {
            // A server that refuses a request before it has read all of it closes the connection.
        }

        var parts = Encoding.UTF8.GetString(answer.ToArray()).Split("\r\n\r\n", 2);
        return parts is [['H', 'T', 'T', 'P', ..] head, var body] ? (int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture), body) : (0, parts[0]);
    }

    [GeneratedRegex(@"Cluster\.[A-Z]\w+\.|System\.[A-Z]\w+|Microsoft\.[A-Z]|Npgsql|   at \w+\.|Exception\b")]
    private static partial Regex Internals();
}
