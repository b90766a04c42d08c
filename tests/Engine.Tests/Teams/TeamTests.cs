using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using Cluster.Engine.Tests.Testing;

namespace Cluster.Engine.Tests.Teams;

public sealed class TeamTests
{
    [Fact]
    public async Task A_leader_makes_one_answer_of_what_a_member_says()
    {
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("It says {result}", "writer"), TestTeams.Member("Writer", "once upon a time")));

        var output = await engine.RunAsync("Tell me");

        Assert.Equal(RunStatus.Completed, output.Status);
        Assert.Equal("It says once upon a time", output.Content!.ToString());
        var member = Assert.Single(output.MemberResponses!.Value);
        Assert.Equal((output.RunId, "writer", "Tell me", RunStatus.Completed), (member.ParentRunId, member.AgentId, member.Input!.InputContent.ToString(), member.Status));
        Assert.Equal(("crew", "Crew", null), (output.TeamId, output.TeamName, output.AgentId));
    }

    [Fact]
    public async Task Events_of_members_are_told_in_the_stream_of_their_team()
    {
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("It says {result}", "writer"), TestTeams.Member("Writer", "once")));

        var events = await engine.StreamAsync("Tell me");

        Assert.Equal(
            "TeamRunStarted TeamModelRequestStarted TeamModelRequestCompleted TeamToolCallStarted "
            + "RunStarted ModelRequestStarted RunContent ModelRequestCompleted RunContentCompleted RunCompleted "
            + "TeamToolCallCompleted TeamModelRequestStarted TeamRunContent TeamRunContent TeamModelRequestCompleted TeamRunContentCompleted TeamRunCompleted",
            events.Order());
        Builders.AssertGapless(events);
        Assert.Equal(events.OfType<AgentEvent>().First().RunId, events.OfType<RunStarted>().Last().ParentRunId);
    }

    [Theory]
    [InlineData(TeamMode.Coordinate)]
    [InlineData(TeamMode.Route)]
    public async Task What_was_streamed_can_be_read_again_from_the_logs(TeamMode mode)
    {
        var team = TestTeams.Of(TestTeams.Delegating("It says {result}", "writer"), TestTeams.Member("Writer", "once upon a time")) with { Mode = mode };
        await using var engine = new TestEngine(team);
        var live = await engine.StreamAsync("Tell me");

        await using var next = engine.Successor();
        var stored = await next.EventsAsync(live.OfType<AgentEvent>().First().RunId!);

        Assert.Equal(live.Select(Json.Frames.Write), stored.Select(Json.Frames.Write));
    }

    [Fact]
    public async Task A_team_that_routes_answers_in_the_words_of_its_member()
    {
        var team = TestTeams.Of(TestTeams.Delegating("never said", "writer"), TestTeams.Member("Writer", "once upon")) with { Mode = TeamMode.Route };
        await using var engine = new TestEngine(team);

        var events = await engine.StreamAsync("Tell me");

        Assert.Equal("once upon", events.Text());
        Assert.All(events.OfType<RunContent>(), delta => Assert.Equal("TeamRunContent", delta.Event));
        Assert.Equal("once upon", Assert.IsType<RunCompleted>(events[^1]).Content!.ToString());
        Assert.Equal(1, events.Count(next => next.Event == "TeamModelRequestStarted"));
    }

    [Fact]
    public async Task A_broadcast_reaches_all_members_and_one_that_fails_sinks_none()
    {
        var broken = TestTeams.Member("Broken", "") with { Model = ScriptedModelProvider.Create(new Script { Failure = "The provider is down" }) };
        var team = TestTeams.Of(TestTeams.Broadcasting("{result}"), TestTeams.Member("One", "first"), broken, TestTeams.Member("Two", "second")) with { Mode = TeamMode.Broadcast };
        await using var engine = new TestEngine(team);

        var output = await engine.RunAsync("Go");

        Assert.Equal("Agent One: firstAgent Broken: The provider is downAgent Two: second", output.Content!.ToString());
        Assert.Equal([RunStatus.Completed, RunStatus.Error, RunStatus.Completed], output.MemberResponses!.Value.Select(member => member.Status));
    }

    [Fact]
    public async Task A_team_pauses_for_its_member_and_goes_on_with_the_answer()
    {
        var team = TestTeams.Of(TestTeams.Delegating("The team is done: {result}", "deleter"), TestTeams.Deleter());
        await using var engine = new TestEngine(team);

        var paused = await engine.RunAsync("Delete it");

        Assert.Equal(RunStatus.Paused, paused.Status);
        Assert.Equal("Team run paused. The following require input:\n- Deleter: delete_file requires confirmation", paused.Content!.ToString());
        var requirement = Assert.Single(TestTeams.Open(paused));
        Assert.Equal(("deleter", "Deleter"), (requirement.MemberAgentId, requirement.MemberAgentName));

        var output = await engine.AnswerAsync(paused.RunId, TestTeams.Confirm(requirement));

        Assert.Equal((RunStatus.Completed, "The team is done: deleted: gone /Deleter"), (output.Status, output.Content!.ToString()));
        Assert.Equal(
            "TeamRunStarted TeamModelRequestStarted TeamModelRequestCompleted TeamToolCallStarted "
            + "RunStarted ModelRequestStarted ModelRequestCompleted RunContentCompleted RunPaused TeamToolCallCompleted TeamRunPaused "
            + "RunContinued ToolCallStarted ToolCallCompleted ModelRequestStarted RunContent ModelRequestCompleted RunContentCompleted RunCompleted "
            + "TeamRunContinued TeamModelRequestStarted TeamRunContent TeamRunContent TeamModelRequestCompleted TeamRunContentCompleted TeamRunCompleted",
            (await engine.EventsAsync(output.RunId)).Order());
    }

    [Fact]
    public async Task A_paused_team_is_continued_in_another_process()
    {
        var team = TestTeams.Of(TestTeams.Delegating("Done: {result}", "deleter", "writer"), TestTeams.Deleter(), TestTeams.Member("Writer", "once"));
        await using var engine = new TestEngine(team);
        var paused = await engine.RunAsync("Delete it");

        await using var next = engine.Successor();
        var output = await next.AnswerAsync(paused.RunId, TestTeams.Confirm(Assert.Single(TestTeams.Open(paused))));

        Assert.Equal((RunStatus.Completed, "Done: deleted: gone /Deleter; once"), (output.Status, output.Content!.ToString()));
        Builders.AssertGapless(await next.EventsAsync(output.RunId));
    }

    [Fact]
    public async Task A_team_continued_without_answers_pauses_again()
    {
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("Done", "deleter"), TestTeams.Deleter()));
        var paused = await engine.RunAsync("Delete it");

        var again = await engine.AnswerAsync(paused.RunId);

        Assert.Equal(RunStatus.Paused, again.Status);
        Assert.Equal(Assert.Single(paused.Requirements!.Value), Assert.Single(again.Requirements!.Value));
    }

    [Fact]
    public async Task Sessions_are_charged_for_members_too()
    {
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("Done", "writer"), TestTeams.Member("Writer", "once")));

        var output = await engine.RunAsync("Tell me");

        var session = await engine.Store.FindAsync(TestEngine.SessionId, Patience.Token);
        Assert.Equal((20, 30), (output.Metrics!.InputTokens, session!.Metrics!.InputTokens));
    }

    [Fact]
    public async Task A_cancelled_team_stops_its_members()
    {
        var model = new ChannelChatClient();
        var team = TestTeams.Of(TestTeams.Delegating("Done", "slow"), TestTeams.Member("Slow", "") with { Model = TestEngine.NewModel(model) });
        await using var engine = new TestEngine(team);
        var runId = await engine.StartAsync("Go");
        var call = await model.NextCallAsync();

        await engine.Host.CancelAsync(runId, Patience.Token);
        var output = await engine.WaitAsync(runId);

        Assert.Equal(RunStatus.Cancelled, output.Status);
        Assert.Equal(RunStatus.Cancelled, Assert.Single(output.MemberResponses!.Value).Status);
        Assert.EndsWith("RunCancelled RunCompleted TeamRunCancelled TeamRunCompleted", (await engine.EventsAsync(runId)).Order(), StringComparison.Ordinal);
        Assert.NotNull(call);
    }
}
