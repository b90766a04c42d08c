using Cluster.Engine.Errors;
using Cluster.Hosting.Start;

namespace Cluster.Gateway;

/// <summary>Asks for patience while no silo has been found: a gateway that knows no agent yet would call every one of them unknown.</summary>
/// <param name="next">The rest of the pipeline.</param>
/// <param name="start">Whether the gateway has found its cluster.</param>
internal sealed class StartMiddleware(RequestDelegate next, BackgroundStart start)
{
    private const string RetryAfterSeconds = "1";

    public Task InvokeAsync(HttpContext context)
    {
        if (start.IsDone || context.Request.Path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase))
        {
            return next(context);
        }

        // The headers that are there by now do not survive the refusal.
        context.Response.OnStarting(() =>
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
            return Task.CompletedTask;
        });
        throw new UnavailableException("The gateway has just started and waits for a silo of its cluster. Try again in a moment.") { IsForCallers = true };
    }
}
