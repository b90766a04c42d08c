using System.Text.Json;
using Cluster.Engine.Teams;
using Microsoft.Extensions.DependencyInjection;
using static Cluster.Api.Tests.TestTeams;

namespace Cluster.Api.Tests.InOneProcess;

public sealed class TeamContinueTests
{
    private const string Runs = "/teams/crew/runs";

    [Fact]
    public async Task Two_members_wait_at_once_and_one_answer_after_the_other_lets_the_team_go_on()
    {
        await using var api = await StartAsync(Crew(Deleter("One"), Deleter("Two")));
        var paused = await PostAsync(api, Runs, ("message", "Go"));
        Assert.Equal("Team run paused. The following require input:\n- One: delete_file requires confirmation\n- Two: delete_file requires confirmation", Text(paused, "content"));

        var half = await ContinueAsync(api, paused, ("requirements", Answer(paused, Of("one"))));
        var whole = await ContinueAsync(api, paused, ("requirements", Answer(half, Of("two"))));

        Assert.Equal(("PAUSED", "Team run paused. The following require input:\n- Two: delete_file requires confirmation"), (Text(half, "status"), Text(half, "content")));
        Assert.Equal(("COMPLETED", "They said: Agent One: Done: Deleted /OneAgent Two: Done: Deleted /Two"), (Text(whole, "status"), Text(whole, "content")));
        Assert.Equal(Text(paused, "run_id"), Text(whole, "run_id"));
    }

    [Fact]
    public async Task A_member_that_is_refused_answers_so_and_the_team_goes_on()
    {
        await using var api = await StartAsync(Crew(Deleter("One")));
        var paused = await PostAsync(api, Runs, ("message", "Go"));

        var output = await ContinueAsync(api, paused, ("requirements", Answer(paused, Of("one"), yes: false)));

        Assert.Equal("COMPLETED", Text(output, "status"));
        Assert.Contains("rejected", Text(output, "content"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_answers_a_team_waits_on()
    {
        await using var api = await StartAsync(Crew(Deleter("One")));
        var paused = await PostAsync(api, Runs, ("message", "Go"));

        var again = await ContinueAsync(api, paused);

        Assert.Equal("PAUSED", Text(again, "status"));
        Assert.Equal(["TeamRunPaused", "TeamRunContinued", "TeamRunPaused"], Texts(again.GetProperty("events"), "event"));
        Assert.Equal(paused.GetProperty("requirements")[0].GetRawText(), again.GetProperty("requirements")[0].GetRawText());
    }

    [Fact]
    public async Task Calls_of_members_can_be_sent_back_in_place_of_requirements()
    {
        await using var api = await StartAsync(Crew(Deleter("One")));
        var paused = await PostAsync(api, Runs, ("message", "Go"));
        var call = paused.GetProperty("requirements")[0].GetProperty("tool_execution").GetRawText().Replace("\"confirmed\":null", "\"confirmed\":true", StringComparison.Ordinal);

        var output = await ContinueAsync(api, paused, ("tools", $"[{call}]"));

        Assert.Equal("They said: Agent One: Done: Deleted /One", Text(output, "content"));
    }

    [Fact]
    public async Task An_answer_that_is_given_again_is_refused_and_changes_nothing()
    {
        await using var api = await StartAsync(Crew(Deleter("One")));
        var paused = await PostAsync(api, Runs, ("message", "Go"));
        var answer = ("requirements", Answer(paused, Of("one")));
        await ContinueAsync(api, paused, answer);

        var again = await api.PostAsync($"{Runs}/{Text(paused, "run_id")}/continue", ("session_id", "s1"), ("stream", "false"), answer);

        Assert.Equal("""409 {"detail":"Cannot continue run <id>: run is completed"}""", again);
        Assert.Equal("COMPLETED", Text(JsonElement.Parse(await api.GetAsync($"{Runs}/{Text(paused, "run_id")}?session_id=s1")), "status"));
    }

    [Theory]
    [InlineData("{nope", """400 {"detail":"Invalid JSON in requirements field"}""")]
    [InlineData("[1]", """400 {"detail":"Invalid structure or content for requirements: """)]
    [InlineData("""[{"id":"nope","created_at":"2026-11-20T07:39:59.274924+00:00","tool_execution":{"tool_call_id":"call_1"},"confirmation":true}]""", """400 {"detail":"Run <id> has no requirement 'nope'.""")]
    public async Task Answers_that_do_not_fit_are_refused_and_the_team_waits_on(string requirements, string expected)
    {
        await using var api = await StartAsync(Crew(Deleter("One")));
        var paused = await PostAsync(api, Runs, ("message", "Go"));

        var answer = await api.PostAsync($"{Runs}/{Text(paused, "run_id")}/continue", ("session_id", "s1"), ("stream", "false"), ("requirements", requirements));

        Assert.StartsWith(expected, answer, StringComparison.Ordinal);
        Assert.Equal("PAUSED", Text(JsonElement.Parse(await api.GetAsync($"{Runs}/{Text(paused, "run_id")}?session_id=s1")), "status"));
    }

    [Fact]
    public async Task A_streamed_continuation_begins_with_the_members()
    {
        await using var api = await StartAsync(Crew(Deleter("One")));
        var paused = await PostAsync(api, Runs, ("message", "Go"));

        using var stream = await LiveStream.PostAsync(api, $"{Runs}/{Text(paused, "run_id")}/continue", ("session_id", "s1"), ("requirements", Answer(paused, Of("one"))));
        var names = (await stream.RestAsync()).Select(frame => frame.Split('\n')[0]["event: ".Length..]).ToArray();

        Assert.Equal("RunContinued", names[0]);
        Assert.Equal(["RunCompleted", "TeamRunContinued"], names.SkipWhile(name => name != "RunCompleted").Take(2));
        Assert.Equal("TeamRunCompleted", names[^1]);
    }

    [Fact]
    public async Task A_continuation_that_is_refused_is_an_event_of_the_team()
    {
        await using var api = await StartAsync(Crew(Member("One")));

        var stream = await api.PostAsync($"{Runs}/nope/continue", ("session_id", "s1"));

        Assert.StartsWith("200 event: TeamRunError\ndata: {", stream, StringComparison.Ordinal);
        Assert.Contains("\"content\":\"No runs found for run ID nope\"", stream, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_copy_of_a_session_goes_on_with_members_of_its_own()
    {
        await using var api = await StartAsync(Crew(Deleter("One")));
        var paused = await PostAsync(api, Runs, ("message", "Go"));
        using var forked = await api.Client.PostAsync("/teams/crew/sessions/s1/fork", null, TestApi.Stop);
        var sessionId = Text(JsonElement.Parse(await forked.Content.ReadAsStringAsync(TestApi.Stop)), "session_id");
        var copy = JsonElement.Parse(await api.GetAsync($"{Runs}?session_id={sessionId}"))[0];
        var waiting = JsonElement.Parse(await api.GetAsync($"{Runs}/{Text(copy, "run_id")}?session_id={sessionId}"));

        var output = await PostAsync(api, $"{Runs}/{Text(copy, "run_id")}/continue", ("session_id", sessionId), ("requirements", Answer(waiting, Of("one"))));

        Assert.Equal(("COMPLETED", "They said: Agent One: Done: Deleted /One"), (Text(output, "status"), Text(output, "content")));
        Assert.NotEqual(Text(paused.GetProperty("member_responses")[0], "run_id"), Text(output.GetProperty("member_responses")[0], "run_id"));
        Assert.Equal("PAUSED", Text(JsonElement.Parse(await api.GetAsync($"{Runs}/{Text(paused, "run_id")}?session_id=s1")), "status"));
    }

    private static Task<TestApi> StartAsync(Team team) => TestApi.StartAsync(services => services.AddTeam(team));

    private static Func<JsonElement, bool> Of(string memberId) => requirement => Text(requirement, "member_agent_id") == memberId;

    private static Task<JsonElement> ContinueAsync(TestApi api, JsonElement run, params (string Key, string Value)[] form) =>
        PostAsync(api, $"{Runs}/{Text(run, "run_id")}/continue", form);
}
