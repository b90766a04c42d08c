using Cluster.Api.Docs;
using Cluster.Api.Json;
using Cluster.Api.Runs;
using Cluster.Engine.Agents;

namespace Cluster.Api.Agents;

/// <summary>Lists and shows agents.</summary>
internal static class AgentEndpoints
{
    public static IEndpointRouteBuilder MapAgents(this IEndpointRouteBuilder app)
    {
        app.MapGet("/agents", ListAsync).Describe("get_agents", "Agents", "List the agents");
        app.MapGet("/agents/{agent_id}", GetAsync).Describe("get_agent", "Agents", "Show an agent");
        return app;
    }

    private static Task ListAsync(HttpContext http, IAgentCatalog agents, AgentResponses responses) =>
        JsonAnswer.WriteAsync(http.Response, [.. agents.Agents.Select(responses.Of)], ApiJson.Context.IReadOnlyListAgentResponse);

    private static Task GetAsync([FromRoute(Name = "agent_id")] string agentId, HttpContext http, IAgentCatalog agents, AgentResponses responses) =>
        JsonAnswer.WriteAsync(http.Response, responses.Of(ComponentKind.Agent.Require(agents, agentId)), ApiJson.Context.AgentResponse);
}
