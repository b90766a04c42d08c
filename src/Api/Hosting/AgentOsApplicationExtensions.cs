using Cluster.Api.Agents;
using Cluster.Api.Approvals;
using Cluster.Api.Cors;
using Cluster.Api.Docs;
using Cluster.Api.Errors;
using Cluster.Api.Home;
using Cluster.Api.Hosting;
using Cluster.Api.Runs;
using Cluster.Api.Sessions;
using Cluster.Api.Teams;
using Cluster.Api.Validation;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Puts the AgentOS API into an application.</summary>
public static class AgentOsApplicationExtensions
{
    private const string IsUsed = "Cluster.Api.IsUsed";

    /// <summary>
    /// Adds what every answer goes through: cross-origin rules, errors as JSON, the names that the server answers to, the size limit. <see cref="MapAgentOs"/> does it too;
    /// call it yourself where your own middleware should come after it.
    /// </summary>
    /// <param name="app">The application.</param>
    /// <returns>The same <paramref name="app"/>.</returns>
    public static IApplicationBuilder UseAgentOs(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        return app.Properties.TryAdd(IsUsed, true)
            ? app.UseMiddleware<CorsMiddleware>().UseMiddleware<ErrorMiddleware>().UseMiddleware<HostRules>()
                .UseMiddleware<OriginMiddleware>().UseMiddleware<BodyLimitMiddleware>().UseMiddleware<RequestTexts>()
            : app;
    }

    /// <summary>Maps every route of the API, and adds what answers go through unless <see cref="UseAgentOs"/> was called.</summary>
    /// <param name="app">The routes to add to; usually the application itself.</param>
    /// <returns>The same <paramref name="app"/>.</returns>
    public static IEndpointRouteBuilder MapAgentOs(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (app is IApplicationBuilder application)
        {
            application.UseAgentOs();
        }

        return app.MapHome().MapAgents().MapTeams().MapRuns().MapRunStreams().MapCheckpoints().MapSessions().MapSessionRuns().MapSessionMedia().MapSessionForks().MapApprovals().MapDocs();
    }
}
