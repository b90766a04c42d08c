using Cluster.Api.Docs;
using Cluster.Api.Json;
using Cluster.Api.Runs;
using Cluster.Api.Validation;
using Cluster.Engine.Agents;
using Cluster.Engine.Sessions;

namespace Cluster.Api.Sessions;

/// <summary>Copies sessions, so that two can go on where one was.</summary>
internal static class SessionForkEndpoints
{
    public static IEndpointRouteBuilder MapSessionForks(this IEndpointRouteBuilder app)
    {
        foreach (var kind in ComponentKind.All)
        {
            app.MapPost($"{kind.Route}/sessions/{{session_id}}/fork", ForkAsync).WithMetadata(kind)
                .Describe($"fork_{kind.Name}_session", kind.Tag, "Copy a session with its runs").WithQuery("user_id");
        }

        return app;
    }

    private static async Task ForkAsync(
        RunRoute route, [FromRoute(Name = "session_id")] string sessionId, HttpContext http, IAgentCatalog agents, ISessionForks forks)
    {
        route.Require(agents);
        var request = new SessionForkRequest(sessionId, route.ComponentId, TextFields.Of(http.Request.Query).Text("user_id")) { ComponentType = route.Kind.Type };
        var response = new SessionForkResponse(await forks.ForkAsync(request, http.RequestAborted), sessionId);
        await JsonAnswer.WriteAsync(http.Response, response, ApiJson.Context.SessionForkResponse);
    }
}

/// <summary>A session that was copied.</summary>
/// <param name="SessionId">The copy.</param>
/// <param name="ForkedFromSessionId">The session that it was made of.</param>
internal sealed record SessionForkResponse(string SessionId, string ForkedFromSessionId);
