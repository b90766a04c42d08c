using Cluster.Api.Docs;
using Cluster.Api.Json;
using Cluster.Api.Runs;
using Cluster.Engine.Agents;
using Cluster.Engine.Teams;

namespace Cluster.Api.Teams;

/// <summary>Lists and shows teams.</summary>
internal static class TeamEndpoints
{
    public static IEndpointRouteBuilder MapTeams(this IEndpointRouteBuilder app)
    {
        app.MapGet("/teams", ListAsync).Describe("get_teams", "Teams", "List the teams");
        app.MapGet("/teams/{team_id}", GetAsync).Describe("get_team", "Teams", "Show a team");
        return app;
    }

    private static Task ListAsync(HttpContext http, IAgentCatalog agents, TeamResponses responses) =>
        JsonAnswer.WriteAsync(http.Response, [.. agents.Teams.Select(responses.Of)], ApiJson.Context.IReadOnlyListTeamResponse);

    private static Task GetAsync([FromRoute(Name = "team_id")] string teamId, HttpContext http, IAgentCatalog agents, TeamResponses responses) =>
        JsonAnswer.WriteAsync(http.Response, responses.Of((Team)ComponentKind.Team.Require(agents, teamId)), ApiJson.Context.TeamResponse);
}
