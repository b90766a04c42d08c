using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Cluster.Hosting.Telemetry;

/// <summary>
/// Does what ASP.NET Core leaves to others: names the spans of requests by method and route, and keeps requests for health, which come every few
/// seconds and tell nothing, out of the traces, with all that they cause.
/// </summary>
internal sealed class RequestTracing : IStartupFilter
{
    /// <inheritdoc/>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(TraceAsync);
        next(app);
    };

    private static async Task TraceAsync(HttpContext context, RequestDelegate pass)
    {
        var request = Activity.Current;
        if (request is not null && context.Request.Path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase))
        {
            request.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            request.IsAllDataRequested = false;
        }

        try
        {
            await pass(context);
        }
        finally
        {
            if (request is { IsAllDataRequested: true } && context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } route })
            {
                request.DisplayName = $"{context.Request.Method} {route}";
                request.SetTag("http.route", route);
            }
        }
    }
}
