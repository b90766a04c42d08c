using Cluster.Api.Agents;
using Cluster.Api.Cors;
using Cluster.Api.Docs;
using Cluster.Api.Errors;
using Cluster.Api.Home;
using Cluster.Api.Runs;
using Cluster.Api.Sessions;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Puts the AgentOS API into an application.</summary>
public static class AgentOsApplicationExtensions
{
    /// <summary>Adds what every answer goes through: cross-origin rules, errors as JSON, the size limit. Call it first.</summary>
    /// <param name="app">The application.</param>
    /// <returns>The same <paramref name="app"/>.</returns>
    public static IApplicationBuilder UseAgentOs(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        return app.UseMiddleware<CorsMiddleware>().UseMiddleware<ErrorMiddleware>().UseMiddleware<BodyLimitMiddleware>();
    }

    /// <summary>Maps every route of the API.</summary>
    /// <param name="app">The routes to add to.</param>
    /// <returns>The same <paramref name="app"/>.</returns>
    public static IEndpointRouteBuilder MapAgentOs(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        return app.MapHome().MapAgents().MapAgentRuns().MapAgentRunStreams().MapSessions().MapSessionRuns().MapDocs();
    }
}
