using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Cluster.Hosting.Tests;

/// <summary>
/// An OTLP collector on a loopback port that keeps what it is sent. Protobuf keeps strings as they are, so names and values can be looked for
/// without decoding it.
/// </summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _traces = new();
    private readonly ConcurrentQueue<string> _metrics = new();

    private Collector(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public string Traces => string.Concat(_traces);

    public string Metrics => string.Concat(_metrics);

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new Collector(builder.Build());
        collector._app.MapPost("/v1/traces", request => KeepAsync(request, collector._traces));
        collector._app.MapPost("/v1/metrics", request => KeepAsync(request, collector._metrics));
        await collector._app.StartAsync(Patience.Token);
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task KeepAsync(HttpContext request, ConcurrentQueue<string> kept)
    {
        using var body = new MemoryStream();
        await request.Request.Body.CopyToAsync(body, request.RequestAborted);
        kept.Enqueue(Encoding.Latin1.GetString(body.ToArray()));
        request.Response.ContentType = "application/x-protobuf";
    }
}
