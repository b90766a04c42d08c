using Cluster.Api.Agents;
using Cluster.Api.Docs;
using Cluster.Api.Json;
using Cluster.Api.Validation;
using Cluster.Engine.Agents;
using Cluster.Engine.Sessions;

namespace Cluster.Api.Sessions;

/// <summary>Copies sessions, so that two can go on where one was.</summary>
internal static class SessionForkEndpoints
{
    public static IEndpointRouteBuilder MapSessionForks(this IEndpointRouteBuilder app)
    {
        app.MapPost("/agents/{agent_id}/sessions/{session_id}/fork", ForkAsync)
            .Describe("fork_agent_session", "Agents", "Copy a session with its runs").WithQuery("user_id");
        return app;
    }

    private static async Task ForkAsync(
        [FromRoute(Name = "agent_id")] string agentId, [FromRoute(Name = "session_id")] string sessionId, HttpContext http, IAgentCatalog agents, ISessionForks forks)
    {
        agents.Require(agentId);
        var request = new SessionForkRequest(sessionId, agentId, TextFields.Of(http.Request.Query).Text("user_id"));
        var response = new SessionForkResponse(await forks.ForkAsync(request, http.RequestAborted), sessionId);
        await JsonAnswer.WriteAsync(http.Response, response, ApiJson.Context.SessionForkResponse);
    }
}

/// <summary>A session that was copied.</summary>
/// <param name="SessionId">The copy.</param>
/// <param name="ForkedFromSessionId">The session that it was made of.</param>
internal sealed record SessionForkResponse(string SessionId, string ForkedFromSessionId);
