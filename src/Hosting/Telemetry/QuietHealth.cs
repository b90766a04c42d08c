using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Cluster.Hosting.Telemetry;

/// <summary>Keeps requests for health, which come every few seconds and tell nothing, out of the traces, with all that they cause.</summary>
internal sealed class QuietHealth : IStartupFilter
{
    /// <inheritdoc/>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(static (context, pass) =>
        {
            if (context.Request.Path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase) && Activity.Current is { } request)
            {
                request.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
                request.IsAllDataRequested = false;
            }

            return pass(context);
        });
        next(app);
    };
}
