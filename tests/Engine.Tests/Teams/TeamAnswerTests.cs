using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Teams;

/// <summary>What humans answer to members through their team.</summary>
public sealed class TeamAnswerTests
{
    private static readonly PiiDetection Masking = new() { MaskPii = true, ScreenAnswers = true };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_to_a_member_is_screened_by_the_guardrails_of_that_member(bool isNested)
    {
        var asker = Asker() with { Guardrails = [Masking] };
        var member = isNested ? TestTeams.Of(TestTeams.Delegating("inner {result}", "asker", "other"), asker, TestTeams.Member("Other", "o")) with { Name = "Inner" } : asker;
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("{result}", member.AgentId), member));
        var paused = await engine.RunAsync();

        var output = await engine.AnswerAsync(paused.RunId, Fill(paused, "ann@example.com"));

        Assert.Contains("mailed ***", output.Content!.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("ann@example.com", await TeamApprovalTests.AllLogsAsync(engine, output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_to_a_member_is_screened_by_the_guardrails_of_its_team_which_records_it_too()
    {
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("{result}", "asker"), Asker()) with { Guardrails = [Masking] });
        var paused = await engine.RunAsync();

        var output = await engine.AnswerAsync(paused.RunId, Fill(paused, "ann@example.com"));

        Assert.DoesNotContain("ann@example.com", await TeamApprovalTests.AllLogsAsync(engine, output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_nobody_screens_reaches_the_member_as_it_is()
    {
        var team = TestTeams.Of(TestTeams.Delegating("{result}", "asker"), Asker(), TestTeams.Member("Other", "o") with { Guardrails = [Masking] });
        await using var engine = new TestEngine(team);
        var paused = await engine.RunAsync();

        Assert.Equal("done: mailed ann@example.com", (await engine.AnswerAsync(paused.RunId, Fill(paused, "ann@example.com"))).Content!.ToString());
    }

    [Fact]
    public async Task An_answer_that_a_guardrail_of_the_member_refuses_is_not_recorded_and_another_one_can_be_given()
    {
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("{result}", "asker"), Asker() with { Guardrails = [new PiiDetection { ScreenAnswers = true }] }));
        var paused = await engine.RunAsync();

        await Assert.ThrowsAsync<InvalidRequestException>(() => engine.AnswerAsync(paused.RunId, Fill(paused, "ann@example.com")));
        var output = await engine.AnswerAsync(paused.RunId, Fill(paused, "nobody"));

        Assert.Equal("done: mailed nobody", output.Content!.ToString());
        Assert.DoesNotContain("ann@example.com", await TeamApprovalTests.AllLogsAsync(engine, output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_refuses_a_call_need_not_fill_it_in()
    {
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("{result}", "asker"), Asker()));
        var paused = await engine.RunAsync();

        var output = await engine.AnswerAsync(paused.RunId, TestTeams.Confirm(Assert.Single(TestTeams.Open(paused)), yes: false));

        Assert.Equal((RunStatus.Completed, "done: Function call was rejected by the user"), (output.Status, output.Content!.ToString()));
    }

    [Fact]
    public async Task A_leaders_own_tool_waits_for_a_human_beside_a_member()
    {
        var sign = Tool.Create(() => "signed", new ToolOptions { Name = "sign", RequiresConfirmation = true });
        var leader = TestTeams.Script("{result}", ("sign", new { }), ("delegate_task_to_member", new { member_id = "deleter", task = "delete" }));
        var team = TestTeams.Of(leader, TestTeams.Deleter()) with { Tools = [sign] };
        await using var engine = new TestEngine(team);
        var paused = await engine.RunAsync();
        Assert.Equal("Team run paused. The following require input:\n- Deleter: delete_file requires confirmation\n- Crew: sign requires confirmation", paused.Content!.ToString());

        var own = TestTeams.Open(paused).Single(requirement => requirement.MemberRunId is null);
        var again = await engine.AnswerAsync(paused.RunId, TestTeams.Confirm(own));
        var left = Assert.Single(TestTeams.Open(again));
        await using var next = engine.Successor();
        var output = await next.AnswerAsync(paused.RunId, TestTeams.Confirm(left));

        Assert.Equal(("delete_file", RunStatus.Paused), (left.ToolExecution.ToolName, again.Status));
        Assert.Equal((RunStatus.Completed, "signed; deleted: gone /Deleter"), (output.Status, output.Content!.ToString()));
        Builders.AssertGapless(await next.EventsAsync(paused.RunId));
    }

    private static Agent Asker() => new()
    {
        Name = "Asker",
        Model = TestTeams.Script("done: {result}", ("mail", new { })),
        Tools = [Tool.Create((string address) => $"mailed {address}", new ToolOptions { Name = "mail", UserInputFields = ["address"] })],
    };

    private static RunRequirement Fill(RunOutput paused, string address)
    {
        var open = Assert.Single(TestTeams.Open(paused));
        return open with
        {
            ToolExecution = open.ToolExecution with
            {
                UserInputSchema = [.. open.ToolExecution.UserInputSchema!.Value.Select(field => field with { Value = JsonSerializer.SerializeToElement(address) })],
            },
        };
    }
}
