using Cluster.Api.Agents;
using Cluster.Api.Docs;
using Cluster.Api.Json;
using Cluster.Engine.Agents;
using Microsoft.Extensions.Options;

namespace Cluster.Api.Home;

/// <summary>What the installation is and what it has.</summary>
internal static class HomeEndpoints
{
    public static IEndpointRouteBuilder MapHome(this IEndpointRouteBuilder app)
    {
        app.ServiceProvider.GetRequiredService<StartTime>();
        app.MapGet("/", RootAsync).Describe("get_api_info", "Home", "Name the API and the installation");
        app.MapGet("/health", HealthAsync).Describe("health_check", "Health", "Tell that the process serves requests");
        app.MapGet("/info", OsAsync).Describe("get_info", "Core", "Tell what an unauthenticated client may know");
        app.MapGet("/config", ConfigAsync).Describe("get_config", "Core", "Tell databases, tables and components");
        app.MapGet("/models", ModelsAsync).Describe("get_models", "Core", "List the models that agents and teams use");
        app.MapGet("/workflows", (Delegate)NoneAsync).Describe("get_workflows", "Workflows", "List the workflows, of which there are none yet");
        return app;
    }

    /// <summary>Consoles ask for every kind of component, and take an error for a server that is broken.</summary>
    private static Task NoneAsync(HttpContext http) => JsonAnswer.WriteAsync(http.Response, [], ApiJson.Context.IReadOnlyListAgentResponse);

    private static Task RootAsync(HttpContext http, IOptions<AgentOsOptions> options) => JsonAnswer.WriteAsync(
        http.Response, new ApiRootResponse("AgentOS API", options.Value.OsId, options.Value.Version), ApiJson.Context.ApiRootResponse);

    private static Task HealthAsync(HttpContext http, StartTime start) =>
        JsonAnswer.WriteAsync(http.Response, new HealthResponse("ok", Timestamps.WithMicroseconds(start.At)), ApiJson.Context.HealthResponse);

    private static Task OsAsync(HttpContext http, IOptions<AgentOsOptions> options, IAgentCatalog agents) => JsonAnswer.WriteAsync(
        http.Response,
        new OsResponse { OsId = options.Value.OsId, Name = options.Value.Name, AgentCount = agents.Agents.Count, TeamCount = agents.Teams.Count },
        ApiJson.Context.OsResponse);

    private static Task ConfigAsync(HttpContext http, IOptions<AgentOsOptions> options, IAgentCatalog agents, AgentModels models)
    {
        var shown = agents.Agents.Select(agent => new AgentSummary
        {
            Id = agent.AgentId,
            Name = agent.Name,
            Description = agent.Description,
            DbId = options.Value.DatabaseId,
            Model = models.Summarize(agent),
            Metadata = agent.Metadata,
        });
        var teams = agents.Teams.Select(team => new TeamSummary
        {
            Id = team.AgentId,
            Name = team.Name,
            Description = team.Description,
            DbId = options.Value.DatabaseId,
            Mode = team.Mode,
            Model = models.Summarize(team),
        });
        return JsonAnswer.WriteAsync(http.Response, ConfigResponse.Of(options.Value, [.. shown], [.. teams]), ApiJson.Context.ConfigResponse);
    }

    private static Task ModelsAsync(HttpContext http, IAgentCatalog agents, AgentModels models) => JsonAnswer.WriteAsync(
        http.Response, [.. agents.Agents.Concat(agents.Teams).Select(models.Summarize).Distinct()], ApiJson.Context.IReadOnlyListModelSummary);
}
