using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using Cluster.Engine.Tests.Testing;

namespace Cluster.Engine.Tests.Teams;

public sealed class TeamRequirementTests
{
    [Fact]
    public async Task What_members_wait_for_stands_in_their_order_whoever_was_faster()
    {
        var slow = new ChannelChatClient();
        var team = TestTeams.Of(TestTeams.Broadcasting("{result}"), TestTeams.Deleter(name: "One") with { Model = TestEngine.NewModel(slow) }, TestTeams.Deleter(name: "Two"));
        await using var engine = new TestEngine(team with { Mode = TeamMode.Broadcast });
        var runId = await engine.StartAsync("Go");
        var call = await slow.NextCallAsync();
        await foreach (var next in engine.Host.ReadEventsAsync(runId, cancellationToken: Patience.Token))
        {
            if (next is RunPaused)
            {
                break;
            }
        }

        call.Use("delete_file", new { path = "/One" }).Cost(10, 5).End();

        Assert.Equal(["One", "Two"], TestTeams.Open(await engine.WaitAsync(runId)).Select(requirement => requirement.MemberAgentName));
    }

    [Fact]
    public async Task Calls_of_members_can_be_sent_back_in_place_of_requirements()
    {
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("Done: {result}", "deleter"), TestTeams.Deleter()));
        var paused = await engine.RunAsync("Delete it");
        var call = Assert.Single(TestTeams.Open(paused)).ToolExecution;

        await engine.Host.ContinueAsync(new RunContinuation(paused.RunId, [.. paused.Tools!.Value, call with { Confirmed = true }]), Patience.Token);

        Assert.Equal("Done: deleted: gone /Deleter", (await engine.WaitAsync(paused.RunId)).Content!.ToString());
    }

    [Fact]
    public async Task What_members_of_a_nested_team_cost_is_not_shown_with_its_run()
    {
        var inner = TestTeams.Of(TestTeams.Delegating("inner: {result}", "writer"), TestTeams.Member("Writer", "once")) with { Name = "Inner" };
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("{result}", "inner"), inner));

        var output = await engine.RunAsync("Go");

        Assert.Null(Assert.Single(output.MemberResponses!.Value).MemberCosts);
        Assert.Equal(30, output.MemberCosts!.InputTokens);
    }
}
