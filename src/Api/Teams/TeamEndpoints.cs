using Cluster.Api.Docs;
using Cluster.Api.Json;

namespace Cluster.Api.Teams;

/// <summary>Lists teams. There are none to define yet, but clients ask for them before they ask for agents and need a list.</summary>
internal static class TeamEndpoints
{
    public static IEndpointRouteBuilder MapTeams(this IEndpointRouteBuilder app)
    {
        app.MapGet("/teams", ListAsync).Describe("get_teams", "Teams", "List the teams");
        return app;
    }

    private static Task ListAsync(HttpResponse response) => JsonAnswer.WriteAsync(response, [], ApiJson.Context.IReadOnlyListAgentResponse);
}
