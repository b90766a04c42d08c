using Cluster.Hosting.Health;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Microsoft.AspNetCore.Builder;

/// <summary>The routes that orchestrators ask whether a process lives and whether it wants work. Both are open to everybody and tell next to nothing.</summary>
public static class OrchestratorHealthEndpoints
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>
    /// Maps <c>/health/live</c>, which is 200 as long as the process answers, and <c>/health/ready</c>, which is 200 only while the process wants work
    /// and everything that it needs is there, and otherwise 503 with what is not. The services have to be added with <c>AddOrchestratorHealth</c>.
    /// </summary>
    /// <param name="app">The application.</param>
    /// <returns>The same <paramref name="app"/>.</returns>
    public static IEndpointRouteBuilder MapOrchestratorHealth(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var health = app.MapGroup("/health").AllowAnonymous().ExcludeFromDescription().DisableHttpMetrics();
        health.MapMethods("/live", Methods, Live);
        health.MapMethods("/ready", Methods, ReadyAsync);
        return app;
    }

    private static JsonHttpResult<HealthResponse> Live(HttpResponse response) => Answer(response, new HealthResponse("live"), StatusCodes.Status200OK);

    private static async Task<JsonHttpResult<HealthResponse>> ReadyAsync(ReadinessChecks checks, HttpResponse response, CancellationToken cancellationToken)
    {
        var missing = await checks.NotReadyAsync(cancellationToken);
        return missing.Count == 0
            ? Answer(response, new HealthResponse("ready"), StatusCodes.Status200OK)
            : Answer(response, new HealthResponse("not ready") { NotReady = missing }, StatusCodes.Status503ServiceUnavailable);
    }

    private static JsonHttpResult<HealthResponse> Answer(HttpResponse response, HealthResponse health, int statusCode)
    {
        response.Headers.CacheControl = "no-store";
        return TypedResults.Json(health, HealthJsonContext.Default.HealthResponse, statusCode: statusCode);
    }
}
