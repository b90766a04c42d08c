using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Logging;

namespace Cluster.Providers.Tests.Toolkits;

/// <summary>A web server on loopback whose routes a test writes; it keeps what it was asked.</summary>
public sealed class ToolkitServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<SeenRequest> _requests = new();

    private ToolkitServer(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public int Port => new Uri(Url).Port;

    public IReadOnlyList<SeenRequest> Requests => [.. _requests];

    public static async Task<ToolkitServer> StartAsync(Action<WebApplication>? routes = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var server = new ToolkitServer(builder.Build());
        server._app.Use(server.RememberAsync);
        routes?.Invoke(server._app);
        await server._app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task RememberAsync(HttpContext context, RequestDelegate next)
    {
        context.Request.EnableBuffering();
        using var reader = new StreamReader(context.Request.Body, leaveOpen: true);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        context.Request.Body.Position = 0;
        _requests.Enqueue(new SeenRequest(
            $"{context.Request.Method} {context.Request.GetEncodedPathAndQuery()}",
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body));
        await next(context);
    }
}

/// <summary>What a server was asked.</summary>
public sealed record SeenRequest(string Route, IReadOnlyDictionary<string, string> Headers, string Body);
