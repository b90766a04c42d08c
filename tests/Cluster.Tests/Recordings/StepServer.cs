using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Cluster.Tests.Recordings;

/// <summary>Lets models in other processes wait by a clock of this one: a request is answered when its delay ends.</summary>
internal sealed class StepServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StepServer(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.First());

    public static async Task<StepServer> StartAsync(TimeProvider clock)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/", async (HttpContext http, int milliseconds) => await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), clock, http.RequestAborted));
        await app.StartAsync();
        return new StepServer(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
