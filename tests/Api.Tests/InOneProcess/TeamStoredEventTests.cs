using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using static Cluster.Api.Tests.TestTeams;

namespace Cluster.Api.Tests.InOneProcess;

/// <summary>Which events and members the stored run of a team shows.</summary>
public sealed class TeamStoredEventTests
{
    [Theory]
    [InlineData("input")]
    [InlineData("regenerate")]
    [InlineData("fork")]
    public async Task A_team_that_goes_on_in_a_new_run_shows_the_members_of_both(string how)
    {
        await using var api = await TestApi.StartAsync(services => services.AddTeam(Crew(Member("One"), Member("Two"))));
        var run = await PostAsync(api, "/teams/crew/runs", ("message", "Go"));
        var before = Texts(run.GetProperty("member_responses"), "run_id");

        var next = await PostAsync(api, $"/teams/crew/runs/{Text(run, "run_id")}/continue", (how, how == "input" ? "more" : "true"));

        Assert.Equal(Text(run, "run_id"), Text(next, "forked_from_run_id"));
        Assert.Equal(before, Texts(next.GetProperty("member_responses"), "run_id")[..2]);
        Assert.All(Texts(next.GetProperty("member_responses"), "parent_run_id")[2..], parent => Assert.Equal(Text(next, "run_id"), parent));
        Assert.Equal(["TeamRunContinued"], Texts(next.GetProperty("events"), "event"));
        var stored = JsonElement.Parse(await api.GetAsync($"/teams/crew/runs/{Text(next, "run_id")}?session_id=s1"));
        Assert.Equal(["TeamRunContinued"], Texts(stored.GetProperty("events"), "event"));
        Assert.Equal(Texts(next.GetProperty("member_responses"), "run_id"), Texts(stored.GetProperty("member_responses"), "run_id"));
    }

    [Fact]
    public async Task A_team_that_answers_anew_in_a_stream_ends_with_the_members_of_the_first_answer()
    {
        await using var api = await TestApi.StartAsync(services => services.AddTeam(Crew(Member("One"), Member("Two"))));
        var run = await PostAsync(api, "/teams/crew/runs", ("message", "Go"));

        using var stream = await LiveStream.PostAsync(api, $"/teams/crew/runs/{Text(run, "run_id")}/continue", ("session_id", "s1"), ("regenerate", "true"));
        var completed = JsonElement.Parse((await stream.UntilAsync("event: TeamRunCompleted")).Split('\n')[1][6..]);

        Assert.Equal(Texts(run.GetProperty("member_responses"), "run_id"), Texts(completed.GetProperty("member_responses"), "run_id"));
        var events = JsonElement.Parse(await api.GetAsync($"/teams/crew/runs/{Text(completed, "run_id")}?session_id=s1")).GetProperty("events");
        Assert.Equal(["TeamRunContinued", "TeamModelRequestStarted", "TeamModelRequestCompleted", "TeamRunContentCompleted", "TeamRunCompleted"], Texts(events, "event"));
        Assert.Equal(2, events[4].GetProperty("member_responses").GetArrayLength());
    }

    [Theory]
    [InlineData("false", "false", "TeamRunPaused,TeamRunContinued")]
    [InlineData("true", "false", "TeamRunStarted,TeamRunPaused,TeamRunContinued")]
    [InlineData("false", "true", "TeamRunPaused,RunContinued,TeamRunContinued,TeamRunCompleted")]
    public async Task A_team_notes_where_it_waited_and_went_on_whoever_listened(string first, string second, string marks)
    {
        await using var api = await TestApi.StartAsync(services => services.AddTeam(Crew(Deleter("One"))));
        await api.PostAsync("/teams/crew/runs", ("message", "Go"), ("session_id", "s1"), ("stream", first));
        var path = $"/teams/crew/runs/{Text(JsonElement.Parse(await api.GetAsync("/teams/crew/runs?session_id=s1")).EnumerateArray().Last(), "run_id")}";
        var paused = JsonElement.Parse(await api.GetAsync($"{path}?session_id=s1"));

        await api.PostAsync(path + "/continue", ("session_id", "s1"), ("requirements", Answer(paused, _ => true)), ("stream", second));

        var events = Texts(JsonElement.Parse(await api.GetAsync($"{path}?session_id=s1")).GetProperty("events"), "event");
        var expected = marks.Split(',');
        Assert.Equal(expected, events.Where(next => expected.Contains(next)));
        Assert.Equal(second == "true", events.Contains("TeamRunCompleted"));
    }
}
