using System.Text.Json;
using Cluster.Engine.Teams;
using Microsoft.Extensions.DependencyInjection;
using static Cluster.Api.Tests.TestTeams;

namespace Cluster.Api.Tests.InOneProcess;

public sealed class TeamRunTests
{
    private const string Runs = "/teams/crew/runs";

    [Fact]
    public async Task A_team_answers_with_the_runs_of_its_members_as_deep_as_they_are_nested()
    {
        await using var api = await StartAsync(Crew(Member("One", "first"), Crew(Member("Inner", "deep")) with { Id = "inner", Name = "Inner Team" }));

        var run = await PostAsync(api, Runs, ("message", "Go"));

        Assert.Equal("They said: Agent One: firstAgent Inner Team: They said: Agent Inner: deep", Text(run, "content"));
        var members = run.GetProperty("member_responses");
        Assert.Equal("one", Text(members[0], "agent_id"));
        Assert.Equal(("inner", Text(run, "run_id")), (Text(members[1], "team_id"), Text(members[1], "parent_run_id")));
        Assert.Equal(("inner", Text(members[1], "run_id")), (Text(members[1].GetProperty("member_responses")[0], "agent_id"), Text(members[1].GetProperty("member_responses")[0], "parent_run_id")));
        Assert.Equal(
            ["run_id", "team_id", "team_name", "session_id", "parent_run_id", "input", "content", "content_type", "model", "model_provider", "member_responses", "session_state", "created_at", "metrics", "status", "messages", "tools"],
            members[1].EnumerateObject().Select(member => member.Name));
        Assert.DoesNotContain("member_costs", run.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_of_nested_teams_are_told_under_their_own_names()
    {
        await using var api = await StartAsync(Crew(Crew(Member("Inner", "deep")) with { Id = "inner", Name = "Inner Team" }));

        using var stream = await LiveStream.PostAsync(api, Runs, ("message", "Go"), ("background", "true"), ("session_id", "s1"));
        var frames = await stream.RestAsync();

        var events = frames.Select(Data).ToArray();
        Assert.Equal(Enumerable.Range(0, events.Length), events.Select(next => next.GetProperty("event_index").GetInt32()));
        var started = events.Where(next => Text(next, "event").EndsWith("RunStarted", StringComparison.Ordinal)).ToArray();
        Assert.Equal(["TeamRunStarted", "TeamRunStarted", "RunStarted"], started.Select(next => Text(next, "event")));
        Assert.Equal([Text(started[0], "run_id"), Text(started[1], "run_id")], started[1..].Select(next => Text(next, "parent_run_id")));
        Assert.DoesNotContain(frames, frame => frame.Contains("member_costs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_short_view_of_a_team_holds_its_answer_and_all_that_members_tell()
    {
        await using var api = await StartAsync(Crew(Member("One", "first")));

        using var stream = await LiveStream.PostAsync(api, Runs, ("message", "Go"), ("stream_events", "false"), ("session_id", "s1"));
        var names = (await stream.RestAsync()).Select(frame => Text(Data(frame), "event"));

        Assert.Equal(
            ["RunStarted", "ModelRequestStarted", "RunContent", "RunContent", "ModelRequestCompleted", "RunContentCompleted", "RunCompleted", "TeamRunContent", "TeamRunContent"], names);
    }

    [Fact]
    public async Task A_stream_is_taken_up_again_in_the_middle_of_what_members_tell()
    {
        await using var api = await StartAsync(Crew(Member("One", "first"), Member("Two", "second")));
        using var live = await LiveStream.PostAsync(api, Runs, ("message", "Go"), ("background", "true"), ("session_id", "s1"));
        var frames = await live.RestAsync();

        using var resumed = await LiveStream.PostAsync(api, $"{Runs}/{LiveStream.RunIdOf(frames[0])}/resume", ("last_event_index", "8"), ("session_id", "s1"));
        var rest = await resumed.RestAsync();

        Assert.StartsWith("event: replay", rest[0], StringComparison.Ordinal);
        Assert.Equal(frames.Skip(9), rest.Skip(1));
    }

    [Fact]
    public async Task A_cancelled_team_stops_its_members_and_tells_so_in_the_short_view()
    {
        var model = new SpokenModel();
        await using var api = await StartAsync(Crew(model.Agent));
        using var stream = await LiveStream.PostAsync(api, Runs, ("message", "Go"), ("stream_events", "false"), ("session_id", "s1"));
        model.Say("Hel");
        var frame = await stream.UntilAsync("\"Hel\"");
        var runId = Text(Data(frame), "parent_run_id");

        Assert.Equal("200 {}", await api.PostAsync($"{Runs}/{runId}/cancel"));

        Assert.Equal(["RunCancelled", "RunCompleted", "TeamRunCancelled", "TeamRunCompleted"], (await stream.RestAsync()).Select(rest => Text(Data(rest), "event")));
        var stored = JsonElement.Parse(await api.GetAsync($"{Runs}/{runId}?session_id=s1"));
        Assert.Equal(("CANCELLED", "CANCELLED"), (Text(stored, "status"), Text(stored.GetProperty("member_responses")[0], "status")));
    }

    [Fact]
    public async Task A_background_run_is_accepted_once_for_a_key()
    {
        await using var api = await StartAsync(Crew(Member("One", "first")));

        var first = await StartInBackgroundAsync(api, "key-1");
        var again = await StartInBackgroundAsync(api, "key-1");

        Assert.Equal("""202 {"run_id":"<id>","session_id":"s1","status":"PENDING"}""", TestApi.Normalize(first));
        Assert.Equal(first, again);
    }

    [Theory]
    [InlineData("GET", "/teams/nope", """404 {"detail":"Team not found"}""")]
    [InlineData("GET", "/teams/crew/runs/nope?session_id=s1", """404 {"detail":"Run not found"}""")]
    [InlineData("GET", "/teams/crew/runs?session_id=nope", """404 {"detail":"Session not found"}""")]
    [InlineData("POST", "/teams/nope/runs/nope/cancel", """404 {"detail":"Team not found"}""")]
    [InlineData("POST", "/teams/crew/sessions/nope/fork", """400 {"detail":"Session 'nope' not found"}""")]
    [InlineData("GET", "/agents/crew", """404 {"detail":"Agent not found"}""")]
    public async Task What_is_not_there_is_refused(string method, string path, string expected)
    {
        await using var api = await StartAsync(Crew(Member("One", "first")));

        Assert.Equal(expected, await api.SendAsync(new HttpMethod(method), path));
    }

    [Fact]
    public async Task A_run_of_a_team_is_none_of_an_agent_that_has_the_same_id()
    {
        await using var api = await StartAsync(Crew(Member("One", "first")) with { Id = "echo-agent" });
        var run = await PostAsync(api, "/teams/echo-agent/runs", ("message", "Go"));

        Assert.Equal("""404 {"detail":"Run not found"}""", await api.SendAsync(HttpMethod.Get, $"/agents/echo-agent/runs/{Text(run, "run_id")}?session_id=s1"));
        Assert.StartsWith("200 ", await api.SendAsync(HttpMethod.Get, $"/teams/echo-agent/runs/{Text(run, "run_id")}?session_id=s1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Browsers_of_allowed_origins_may_run_teams_and_read_refusals()
    {
        await using var api = await StartAsync(Crew(Member("One", "first")));
        using var request = new HttpRequestMessage(HttpMethod.Post, Runs) { Headers = { { "Origin", "http://localhost:3000" } } };

        using var response = await api.Client.SendAsync(request, TestApi.Stop);

        Assert.Equal((422, "http://localhost:3000"), ((int)response.StatusCode, response.Headers.GetValues("Access-Control-Allow-Origin").Single()));
    }

    [Fact]
    public async Task A_teams_checkpoints_are_those_of_its_leader()
    {
        await using var api = await StartAsync(Crew(Member("One", "first")));
        var run = await PostAsync(api, Runs, ("message", "Go"));

        var checkpoint = JsonElement.Parse(await api.GetAsync($"{Runs}/{Text(run, "run_id")}/checkpoints/2?session_id=s1"));

        var snapshot = checkpoint.GetProperty("snapshot");
        Assert.Equal(("crew", 2, 1), (Text(snapshot, "team_id"), snapshot.GetProperty("messages").GetArrayLength(), snapshot.GetProperty("member_responses").GetArrayLength()));
    }

    private static Task<TestApi> StartAsync(Team team) => TestApi.StartAsync(services => services.AddTeam(team));

    private static JsonElement Data(string frame) => JsonElement.Parse(frame.Split('\n')[1][6..]);

    private static async Task<string> StartInBackgroundAsync(TestApi api, string key)
    {
        using var body = TestApi.Form(("message", "Go"), ("stream", "false"), ("background", "true"), ("session_id", "s1"));
        body.Headers.Add("Idempotency-Key", key);
        return await api.SendRawAsync(HttpMethod.Post, Runs, body);
    }
}
