using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Cluster.Benchmarks;

/// <summary>
/// The models of a team behind OpenAI's protocol on loopback: <c>lead</c> hands its task to all members and has nothing more to say, <c>member</c> thinks for a
/// while and answers.
/// </summary>
internal sealed class TeamModel : IAsyncDisposable
{
    private const string Call = """{"tool_calls":[{"index":0,"id":"CALL","type":"function","function":{"name":"delegate_task_to_members","arguments":"{\"task\": \"Go\"}"}}]}""";

    private readonly WebApplication _app;
    private readonly Func<CancellationToken, Task> _think;

    private TeamModel(WebApplication app, Func<CancellationToken, Task> think)
    {
        (_app, _think) = (app, think);
        app.MapPost("/v1/chat/completions", AnswerAsync);
    }

    /// <summary>Starts the models.</summary>
    /// <param name="port">Where they listen.</param>
    /// <param name="think">What a member does before it answers.</param>
    public static async Task<TeamModel> StartAsync(int port, Func<CancellationToken, Task> think)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var model = new TeamModel(builder.Build(), think);
        await model._app.StartAsync();
        return model;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using var question = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        var isLeader = question.RootElement.GetProperty("model").GetString() == "lead";
        var hasResult = question.RootElement.GetProperty("messages").EnumerateArray().Any(message => message.GetProperty("role").GetString() == "tool");
        http.Response.ContentType = "text/event-stream";
        if (!isLeader)
        {
            await _think(http.RequestAborted);
        }

        var calls = isLeader && !hasResult;
        await SayAsync(http, calls ? Call.Replace("CALL", $"call_{Guid.NewGuid():N}", StringComparison.Ordinal) : """{"content":"An answer"}""", calls ? "\"tool_calls\"" : "\"stop\"");
    }

    private static async Task SayAsync(HttpContext http, string delta, string finishReason) => await http.Response.WriteAsync(
        $$"""data: {"id":"team","object":"chat.completion.chunk","created":1,"model":"team","choices":[{"index":0,"delta":{{delta}},"finish_reason":{{finishReason}}}]}""" + "\n\ndata: [DONE]\n\n",
        http.RequestAborted);
}
