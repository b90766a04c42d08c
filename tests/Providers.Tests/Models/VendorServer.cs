using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Cluster.Providers.Tests.Models;

/// <summary>A vendor on loopback: it answers as it is told, one answer a request, and keeps what it was sent.</summary>
public sealed class VendorServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _answers = new();
    private readonly ConcurrentQueue<VendorRequest> _requests = new();

    private VendorServer(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public IReadOnlyList<VendorRequest> Requests => [.. _requests];

    public static async Task<VendorServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var server = new VendorServer(builder.Build());
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Answers the next request with server-sent events.</summary>
    public VendorServer Stream(params string[] data) => Answer(async context =>
    {
        await WriteAsync(context, [.. data.Select(item => $"data: {item}\n\n")]);
    });

    /// <summary>Answers the next request with server-sent events that have names, as Anthropic's have.</summary>
    public VendorServer Events(params string[] data) => Answer(async context =>
    {
        await WriteAsync(context, [.. data.Select(item => $"event: {item[9..item.IndexOf('"', 9)]}\ndata: {item}\n\n")]);
    });

    /// <summary>Answers the next request with some events and tears the connection when they were heard: a torn connection loses what is on its way.</summary>
    public VendorServer Broken(Task heard, params string[] data) => Answer(async context =>
    {
        await WriteAsync(context, [.. data.Select(item => $"data: {item}\n\n")]);
        await heard;
        context.Abort();
    });

    /// <summary>Says nothing to the next request, after some events, until the caller goes away. It tells when the request is there and when the caller is gone.</summary>
    public VendorServer Hang(TaskCompletionSource arrived, TaskCompletionSource left, params string[] data) => Answer(async context =>
    {
        if (data.Length > 0)
        {
            await WriteAsync(context, [.. data.Select(item => $"data: {item}\n\n")]);
        }

        arrived.TrySetResult();
        await using var registration = context.RequestAborted.Register(() => left.TrySetResult());
        await left.Task;
    });

    /// <summary>Reads the next request as JSON and answers with JSON.</summary>
    public VendorServer Json(Func<JsonElement, string> answer) => Answer(async context =>
    {
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer(JsonElement.Parse(_requests.Last().Body)));
    });

    /// <summary>Answers the next request with bytes that a server gives out for a stream.</summary>
    public VendorServer Raw(byte[] body, string? retryAfter = null) => Answer(async context =>
    {
        context.Response.ContentType = "text/event-stream";
        if (retryAfter is not null)
        {
            context.Response.Headers.RetryAfter = retryAfter;
        }

        await context.Response.Body.WriteAsync(body);
    });

    /// <summary>Answers the next request with an error.</summary>
    public VendorServer Fail(int status, string body, string? retryAfter = null) => Answer(async context =>
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null)
        {
            context.Response.Headers.RetryAfter = retryAfter;
        }

        await context.Response.WriteAsync(body);
    });

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private VendorServer Answer(Func<HttpContext, Task> answer)
    {
        _answers.Enqueue(answer);
        return this;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new StreamReader(context.Request.Body);
        _requests.Enqueue(new VendorRequest(
            $"{context.Request.Method} {context.Request.Path}",
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            await body.ReadToEndAsync(context.RequestAborted)));
        if (_answers.TryDequeue(out var answer))
        {
            await answer(context);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status418ImATeapot;
        }
    }

    private static async Task WriteAsync(HttpContext context, string[] events)
    {
        context.Response.ContentType = "text/event-stream";
        foreach (var item in events)
        {
            await context.Response.WriteAsync(item);
            await context.Response.Body.FlushAsync();
        }
    }
}

/// <summary>What a vendor was sent.</summary>
public sealed record VendorRequest(string Route, IReadOnlyDictionary<string, string> Headers, string Body);
