using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Cluster.Standalone.Tests;

/// <summary>Looks for a key everywhere where a server could leave it.</summary>
public sealed class SecretTests : IAsyncLifetime
{
    private const string Key = "sk-proj-0123456789-never-to-be-seen";
    private const string Said = "the words of the model";

    private readonly string _directory = Directory.CreateTempSubdirectory("secrets").FullName;
    private readonly ConcurrentQueue<(string Path, string Body, string? Authorization)> _received = new();
    private readonly WebApplication _vendor;

    public SecretTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _vendor = builder.Build();
        _vendor.Urls.Add("http://127.0.0.1:0");
        _vendor.Run(AnswerAsync);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _vendor.StartAsync(Stop);

    public async ValueTask DisposeAsync()
    {
        await _vendor.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_vendors_key_is_in_no_answer_event_row_log_or_trace_even_when_the_vendor_repeats_it()
    {
        await using var server = await StartAsync();
        var answers = new StringBuilder();
        foreach (var (message, stream) in new[] { ("hello", "false"), ("hello", "true"), ("break", "false"), ("break", "true") })
        {
            answers.Append(await PostAsync(server, message, stream));
        }

        answers.Append(await server.Client.GetStringAsync(new Uri("/sessions/s/runs", UriKind.Relative), Stop));
        answers.Append(await server.Client.GetStringAsync(new Uri("/agents", UriKind.Relative), Stop));
        await server.TerminateAsync();

        var printed = await server.PrintedAsync();
        var traces = string.Concat(_received.Where(call => call.Path.EndsWith("traces", StringComparison.Ordinal)).Select(call => call.Body));
        var rows = string.Concat(Directory.EnumerateFiles(Path.Combine(_directory, "store"), "*", SearchOption.AllDirectories).Select(File.ReadAllText));
        Assert.Contains(_received, call => call.Authorization == $"Bearer {Key}");
        Assert.All([answers.ToString(), printed, rows], text => Assert.Contains(Said, text, StringComparison.Ordinal));
        Assert.All([answers.ToString(), rows], text => Assert.Contains("Incorrect API key provided: ***", text, StringComparison.Ordinal));
        Assert.Contains("invoke_agent", traces, StringComparison.Ordinal);
        Assert.All([answers.ToString(), printed, rows, traces], text => Assert.DoesNotContain(Key, text, StringComparison.Ordinal));
    }

    /// <summary>The server tells as much as it can be made to tell.</summary>
    private async Task<ServerProcess> StartAsync()
    {
        var definitions = Path.Combine(_directory, "agents.yaml");
        await File.WriteAllTextAsync(definitions, "agents: [{id: teller, model: 'openai:gpt-5-mini', debug_mode: true, debug_level: 2}]", Stop);
        var vendor = _vendor.Urls.Single();
        var environment = new Dictionary<string, string>
        {
            ["OPENAI_API_KEY"] = Key,
            ["OPENAI_BASE_URL"] = vendor + "/v1",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = vendor,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["Telemetry__CaptureContent"] = "true",
            ["Logging__LogLevel__Default"] = "Trace",
        };
        return await ServerProcess.StartInAsync(
            environment, "--url", "http://127.0.0.1:0", "--store", $"sqlite:{Path.Combine(_directory, "store")}", "--definitions", definitions);
    }

    private static async Task<string> PostAsync(ServerProcess server, string message, string stream)
    {
        using var form = new MultipartFormDataContent { { new StringContent(message), "message" }, { new StringContent(stream), "stream" }, { new StringContent("s"), "session_id" } };
        using var response = await server.Client.PostAsync(new Uri("/agents/teller/runs", UriKind.Relative), form, Stop);
        return await response.Content.ReadAsStringAsync(Stop);
    }

    private async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.Latin1);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        var authorization = http.Request.Headers.Authorization.ToString();
        _received.Enqueue((http.Request.Path, body, authorization));
        if (!http.Request.Path.StartsWithSegments("/v1/chat", StringComparison.Ordinal))
        {
            return;
        }

        if (body.Contains("\"break\"", StringComparison.Ordinal))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            await http.Response.WriteAsJsonAsync(new { error = new { message = $"Incorrect API key provided: {authorization["Bearer ".Length..]}", type = "invalid_request_error" } }, http.RequestAborted);
            return;
        }

        http.Response.ContentType = "text/event-stream";
        await http.Response.WriteAsync($$$"""data: {"id":"1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":"{{{Said}}}"},"finish_reason":"stop"}]}""" + "\n\ndata: [DONE]\n\n", http.RequestAborted);
    }
}
