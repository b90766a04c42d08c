using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using static Cluster.Api.Tests.TestTeams;

namespace Cluster.Api.Tests.InOneProcess;

public sealed class TeamSessionTests
{
    [Fact]
    public async Task Runs_of_members_are_entries_of_their_own_before_the_run_of_their_team()
    {
        await using var api = await StartAsync();

        var runs = JsonElement.Parse(await api.GetAsync("/sessions/s1/runs?type=team"));

        Assert.Equal(["one", "two", "crew"], runs.EnumerateArray().Select(run => run.TryGetProperty("team_id", out var team) ? team.GetString() : Text(run, "agent_id")));
        Assert.Equal([Text(runs[2], "run_id"), Text(runs[2], "run_id"), ""], Texts(runs, "parent_run_id"));
        Assert.Equal("crew", Text(Assert.Single(JsonElement.Parse(await api.GetAsync("/teams/crew/runs?session_id=s1")).EnumerateArray()), "team_id"));
    }

    [Fact]
    public async Task A_session_of_a_team_says_so_and_its_conversation_is_the_teams()
    {
        await using var api = await StartAsync();

        var listed = JsonElement.Parse(await api.GetAsync("/sessions?type=team&component_id=crew")).GetProperty("data")[0];
        var detail = JsonElement.Parse(await api.GetAsync("/sessions/s1"));

        Assert.Equal(("s1", "team", "crew"), (Text(listed, "session_id"), Text(listed, "session_type"), Text(listed, "team_id")));
        Assert.Equal(("crew", "Go"), (Text(detail, "team_id"), Text(detail, "session_name")));
        Assert.Equal(["user", "assistant", "assistant"], Texts(detail.GetProperty("chat_history"), "role"));
        Assert.Equal("Crew", Text(detail.GetProperty("team_data"), "name"));
    }

    [Fact]
    public async Task A_run_of_a_session_is_shown_in_the_shape_of_its_kind()
    {
        await using var api = await StartAsync();
        var runs = JsonElement.Parse(await api.GetAsync("/sessions/s1/runs"));

        var member = JsonElement.Parse(await api.GetAsync($"/sessions/s1/runs/{Text(runs[0], "run_id")}"));
        var team = JsonElement.Parse(await api.GetAsync($"/sessions/s1/runs/{Text(runs[2], "run_id")}"));

        Assert.Equal(["run_id", "parent_run_id", "agent_id", "user_id", "status"], member.EnumerateObject().Take(5).Select(property => property.Name));
        Assert.Equal(["run_id", "parent_run_id", "team_id", "status", "content"], team.EnumerateObject().Take(5).Select(property => property.Name));
    }

    [Fact]
    public async Task A_team_cannot_run_in_the_session_of_an_agent()
    {
        await using var api = await StartAsync();
        await api.RunAsync("echo-agent", ("session_id", "s2"));

        var answer = await api.PostAsync("/teams/crew/runs", ("message", "Go"), ("stream", "false"), ("session_id", "s2"));

        Assert.StartsWith("409 {\"detail\":\"Session 's2' belongs to the agent 'echo-agent'.", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Consoles_find_teams_with_their_members()
    {
        await using var api = await StartAsync();

        var team = JsonElement.Parse(await api.GetAsync("/teams"))[0];

        Assert.Equal(("crew", "broadcast", "demo-db"), (Text(team, "id"), Text(team, "mode"), Text(team, "db_id")));
        Assert.Equal(["one", "two"], Texts(team.GetProperty("members"), "id"));
        Assert.Equal("delegate_task_to_members", Text(team.GetProperty("tools").GetProperty("tools")[0], "name"));
        Assert.Equal(1, JsonElement.Parse(await api.GetAsync("/info")).GetProperty("team_count").GetInt32());
        Assert.Equal("crew", Text(JsonElement.Parse(await api.GetAsync("/config")).GetProperty("teams")[0], "id"));
    }

    private static async Task<TestApi> StartAsync()
    {
        var api = await TestApi.StartAsync(services => services.AddTeam(Crew(Member("One", "first"), Member("Two", "second"))));
        await PostAsync(api, "/teams/crew/runs", ("message", "Go"));
        return api;
    }
}
