using System.Text.Json;
using Cluster.Api.Tests;
using Cluster.Engine.Agents;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Gateway.Tests.Teams;

public sealed class TeamTests(TeamSilos silos) : IClassFixture<TeamSilos>
{
    private static readonly TimeSpan TooLong = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Members_work_on_both_silos_and_their_answers_come_in_the_order_of_the_team()
    {
        var team = await silos.RunAsync("chorus");

        var members = await silos.MembersOfAsync(team);
        Assert.Equal(string.Concat(Enumerable.Range(1, 12).Select(number => $"Agent Voice {number}: la {number}")), team.Content?.Text);
        var counts = members.CountBy(member => silos.Calls.PlaceOf(member.RunId)).Select(silo => silo.Value).ToArray();
        Assert.Equal(2, counts.Length);
        Assert.All(counts, count => Assert.InRange(count, 5, 7));
        Assert.All(members, member => Assert.Equal((RunStatus.Completed, team.RunId, team.SessionId), (member.Status, member.ParentRunId, member.SessionId)));
    }

    [Fact]
    public async Task What_members_say_is_read_alike_live_and_from_the_logs_through_either_gateway()
    {
        var runId = await silos.First.StartAsync(TeamSilos.Ask("outer", "go"), TestApi.Stop);

        var live = await EventsAsync(silos.First, runId);
        var stored = await EventsAsync(silos.Second, runId);

        Assert.Equal(Enumerable.Range(0, live.Count).Select(index => (long?)index), live.Select(next => next.EventIndex));
        Assert.Equal(live.Select(Write), stored.Select(Write));
        Assert.Equal("outer: inner: Agent One: firstAgent Two: second", Assert.IsType<RunCompleted>(live[^1]).Content?.Text);
        Assert.Equal(3, live.OfType<RunStarted>().Count(started => started.ParentRunId is not null));
    }

    [Fact]
    public async Task Each_word_of_a_member_is_heard_while_it_speaks()
    {
        var model = silos.Speech.To("story");
        var runId = await silos.First.StartAsync(TeamSilos.Ask("spoken", "story"), TestApi.Stop);
        await using var words = silos.Second.ReadEventsAsync(runId, -1, TestApi.Stop).OfType<RunContent>().GetAsyncEnumerator(TestApi.Stop);

        foreach (var word in (string[])["once ", "upon ", "a time"])
        {
            model.Say(word);
            Assert.True(await words.MoveNextAsync().AsTask().WaitAsync(TooLong, TestApi.Stop));
            Assert.Equal(word, words.Current.Content?.Text);
        }

        model.Finish();
        Assert.Equal("it says once upon a time", (await silos.First.WaitAsync(runId, TestApi.Stop)).Content?.Text);
    }

    [Fact]
    public async Task News_of_members_that_are_lost_are_read_from_their_runs()
    {
        var request = TeamSilos.Ask("outer", "go");
        silos.Calls.Deafen(request.RunId);

        await silos.First.StartAsync(request, TestApi.Stop);
        var events = await EventsAsync(silos.First, request.RunId).WaitAsync(TooLong, TestApi.Stop);

        Assert.True(silos.Calls.Lost > 0);
        Assert.Equal("outer: inner: Agent One: firstAgent Two: second", Assert.IsType<RunCompleted>(events[^1]).Content?.Text);
        Assert.Equal(3, events.OfType<RunStarted>().Count(started => started.ParentRunId is not null));
    }

    [Theory]
    [InlineData("careful", "careful: deleted: gone /a")]
    [InlineData("careful-outer", "done: inner: Agent Deleter: deleted: gone /aAgent Other: other")]
    public async Task A_team_whose_member_pauses_goes_on_with_the_answer_through_another_gateway(string teamId, string answer)
    {
        var paused = await silos.RunAsync(teamId);
        var requirement = Assert.Single(paused.Requirements!.Value, requirement => requirement.IsOpen);

        var goneOn = await silos.Second.ContinueAsync(new RunContinuation(paused.RunId) { Requirements = [requirement with { Confirmation = true }] }, TestApi.Stop);

        Assert.Equal((RunStatus.Paused, "delete_file"), (paused.Status, requirement.ToolExecution.ToolName));
        Assert.Equal(paused.RunId, goneOn.RunId);
        var done = await silos.First.WaitAsync(paused.RunId, TestApi.Stop).WaitAsync(TooLong, TestApi.Stop);
        Assert.Equal((RunStatus.Completed, answer), (done.Status, done.Content?.Text));
    }

    [Fact]
    public async Task Whoever_cancels_a_team_stops_all_its_members()
    {
        var task = Guid.NewGuid().ToString();
        var runId = await silos.First.StartAsync(TeamSilos.Ask("crowd", task), TestApi.Stop);
        await silos.Crowd.AllAskedAsync(task, TestApi.Stop).WaitAsync(TooLong, TestApi.Stop);

        await silos.Second.CancelAsync(runId, TestApi.Stop);
        var team = await silos.First.WaitAsync(runId, TestApi.Stop).WaitAsync(TooLong, TestApi.Stop);

        var members = await silos.MembersOfAsync(team);
        Assert.Equal((RunStatus.Cancelled, TestTeams.CrowdSize), (team.Status, members.Length));
        Assert.All(members, member => Assert.Equal(RunStatus.Cancelled, member.Status));
        Assert.Equal(0, silos.Crowd.Waiting(task));
        Assert.Empty(await silos.Log.ListUnfinishedAsync(team.SessionId, TestApi.Stop));
    }

    [Fact]
    public async Task A_session_takes_the_next_run_as_soon_as_its_team_is_done()
    {
        var first = TeamSilos.Ask("chorus", "one");
        var second = TeamSilos.Ask("chorus", "two") with { SessionId = first.SessionId };

        await silos.First.StartAsync(first, TestApi.Stop);
        await silos.Second.StartAsync(second, TestApi.Stop);

        Assert.Equal(RunStatus.Completed, (await silos.First.WaitAsync(second.RunId, TestApi.Stop).WaitAsync(TooLong, TestApi.Stop)).Status);
    }

    [Fact]
    public void Gateways_know_the_teams_of_the_silos()
    {
        var team = silos.Services.GetRequiredService<IAgentCatalog>().FindTeam("careful-outer");

        var inner = Assert.IsType<Team>(Assert.Single(team!.Members));
        Assert.Equal((TeamMode.Broadcast, TeamMode.Coordinate), (inner.Mode, team.Mode));
        Assert.Equal(["deleter", "other"], inner.Members.Select(member => member.AgentId));
        Assert.Equal("delete_file", Assert.Single(inner.Members[0].Tools).Name);
        Assert.DoesNotContain(team.Tools, tool => tool.Name == "delegate_task_to_member");
    }

    private static string Write(RunEvent next) => JsonSerializer.Serialize(next, EngineJson.Options);

    private static async Task<List<RunEvent>> EventsAsync(IRunHost host, string runId) => await host.ReadEventsAsync(runId, -1, TestApi.Stop).ToListAsync(TestApi.Stop);
}
