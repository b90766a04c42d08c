using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Approvals;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Runs;
using Cluster.Engine.Storage;
using Cluster.Engine.Teams;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cluster.Engine.Tests.Teams;

/// <summary>Approvals of calls that members and leaders make: whoever decides, the team goes on.</summary>
public sealed class TeamApprovalTests
{
    private readonly ManualTime _time = new();
    private readonly MemoryStore _store = new();
    private readonly List<string> _shipped = [];

    [Theory]
    [InlineData(true, "Done: shipped: sent x", "x")]
    [InlineData(false, "Done: shipped: Function call was rejected by the user", "")]
    public async Task The_team_goes_on_by_itself_when_the_approval_of_a_members_call_is_decided_about(bool isApproved, string answer, string shipped)
    {
        await using var engine = NewEngine(TestTeams.Of(TestTeams.Delegating("Done: {result}", "shipper"), Shipper()));
        var paused = await engine.RunAsync();
        var approval = await ApprovalAsync();

        await DeskOf(engine).ResolveAsync(approval.Id, isApproved, "admin", null, Patience.Token);
        var output = await engine.WaitAsync(paused.RunId);

        Assert.Equal((RunStatus.Completed, answer), (output.Status, output.Content!.ToString()));
        Assert.Equal(shipped, string.Concat(_shipped));
        Assert.Equal(("shipper", "agent", Assert.Single(output.MemberResponses!.Value).RunId), (approval.AgentId, approval.SourceType, approval.RunId));
        Builders.AssertGapless(await engine.EventsAsync(paused.RunId));
        Assert.Equal(0, await SweepAsync(engine));
    }

    [Fact]
    public async Task The_team_at_the_top_goes_on_when_a_member_of_a_nested_team_waited()
    {
        var inner = TestTeams.Of(TestTeams.Delegating("inner {result}", "shipper"), Shipper()) with { Name = "Inner" };
        await using var engine = NewEngine(TestTeams.Of(TestTeams.Delegating("outer {result}", "inner"), inner));
        var paused = await engine.RunAsync();

        await DeskOf(engine).ResolveAsync((await ApprovalAsync()).Id, isApproved: true, "admin", null, Patience.Token);

        Assert.Equal("outer inner shipped: sent x", (await engine.WaitAsync(paused.RunId)).Content!.ToString());
    }

    [Fact]
    public async Task The_deadline_of_a_members_approval_continues_the_team()
    {
        await using var engine = NewEngine(TestTeams.Of(TestTeams.Delegating("Done: {result}", "shipper"), Shipper()));
        var paused = await engine.RunAsync();
        _time.Advance(TimeSpan.FromMinutes(6));

        Assert.Equal(1, await SweepAsync(engine));

        Assert.Equal(
            "Done: shipped: Nobody approved this call before 2026-01-02T03:09:05Z, so it was not made.", (await engine.WaitAsync(paused.RunId)).Content!.ToString());
        Assert.Empty(_shipped);
    }

    [Fact]
    public async Task A_team_whose_process_died_behind_the_decision_is_continued_by_the_next_one()
    {
        var team = TestTeams.Of(TestTeams.Delegating("Done: {result}", "shipper"), Shipper());
        await using var engine = NewEngine(team);
        var paused = await engine.RunAsync();
        await ((IApprovalStore)_store).ResolveAsync((await ApprovalAsync()).Id, new ApprovalResolution(ApprovalStatus.Approved, _time.GetUtcNow().ToUnixTimeSeconds(), "admin"), Patience.Token);
        await engine.DisposeAsync();
        await using var next = NewEngine(team);

        Assert.Equal(1, await SweepAsync(next));

        Assert.Equal("Done: shipped: sent x", (await next.WaitAsync(paused.RunId)).Content!.ToString());
        Assert.Equal(0, await SweepAsync(next));
    }

    [Fact]
    public async Task Whoever_answers_the_team_decides_about_the_approval()
    {
        await using var engine = NewEngine(TestTeams.Of(TestTeams.Delegating("Done: {result}", "shipper"), Shipper()));
        var paused = await engine.RunAsync();

        var output = await engine.AnswerAsync(paused.RunId, TestTeams.Confirm(Assert.Single(TestTeams.Open(paused))));

        Assert.Equal("Done: shipped: sent x", output.Content!.ToString());
        Assert.Equal(ApprovalStatus.Approved, (await ApprovalAsync()).Status);
    }

    [Fact]
    public async Task A_decision_alone_does_not_continue_a_team_whose_member_waits_for_something_else_too()
    {
        var shipper = Shipper(("ship", new { service = "x" }), ("check", new { }));
        await using var engine = NewEngine(TestTeams.Of(TestTeams.Delegating("Done: {result}", "shipper"), shipper));
        var paused = await engine.RunAsync();
        await DeskOf(engine).ResolveAsync((await ApprovalAsync()).Id, isApproved: true, "admin", null, Patience.Token);
        Assert.Equal(0, await SweepAsync(engine));
        Assert.Equal(RunStatus.Paused, (await engine.Host.FindAsync(paused.RunId, Patience.Token))!.Output.Status);

        var check = TestTeams.Open(paused).Single(requirement => requirement.ToolExecution.ToolName == "check");
        var output = await engine.AnswerAsync(paused.RunId, TestTeams.Confirm(check));

        Assert.Equal("Done: shipped: sent x; checked", output.Content!.ToString());
    }

    [Fact]
    public async Task One_of_two_members_goes_on_and_the_team_waits_for_the_other_one()
    {
        var team = TestTeams.Of(TestTeams.Delegating("Done: {result}", "shipper", "deleter"), Shipper(), TestTeams.Deleter());
        await using var engine = NewEngine(team);
        var paused = await engine.RunAsync();
        Assert.Equal(2, TestTeams.Open(paused).Length);

        await DeskOf(engine).ResolveAsync((await ApprovalAsync()).Id, isApproved: true, "admin", null, Patience.Token);
        var again = await engine.WaitAsync(paused.RunId);

        Assert.Equal(RunStatus.Paused, again.Status);
        var left = Assert.Single(TestTeams.Open(again));
        Assert.Equal("delete_file", left.ToolExecution.ToolName);
        Assert.Equal("Done: shipped: sent x; deleted: gone /Deleter", (await engine.AnswerAsync(paused.RunId, TestTeams.Confirm(left))).Content!.ToString());
    }

    [Fact]
    public async Task A_leaders_own_call_waits_for_its_approval()
    {
        var team = TestTeams.Of(TestTeams.Script("Done: {result}", ("ship", new { service = "y" })), TestTeams.Member("Ann", "x")) with { Tools = [Ship()] };
        await using var engine = NewEngine(team);
        var paused = await engine.RunAsync();
        var approval = await ApprovalAsync();
        Assert.Equal(("team", "crew", null, paused.RunId), (approval.SourceType, approval.TeamId, approval.AgentId, approval.RunId));
        Assert.Equal(RunStatus.Paused, (await engine.AnswerAsync(paused.RunId)).Status);

        await DeskOf(engine).ResolveAsync(approval.Id, isApproved: true, "admin", null, Patience.Token);
        var output = await engine.WaitAsync(paused.RunId);

        Assert.Equal("Done: sent y", output.Content!.ToString());
        Assert.Equal("approved", output.Metadata!.Value.GetProperty("approval").GetProperty("status").GetString());
    }

    [Fact]
    public async Task Whoever_answers_a_leaders_own_call_decides_about_its_approval()
    {
        var team = TestTeams.Of(TestTeams.Script("Done: {result}", ("ship", new { service = "y" })), TestTeams.Member("Ann", "x")) with { Tools = [Ship()] };
        await using var engine = NewEngine(team);
        var paused = await engine.RunAsync();

        var output = await engine.AnswerAsync(paused.RunId, TestTeams.Confirm(Assert.Single(TestTeams.Open(paused)), yes: false));

        Assert.Equal("Done: Function call was rejected by the user", output.Content!.ToString());
        Assert.Equal(ApprovalStatus.Rejected, (await ApprovalAsync()).Status);
    }

    [Fact]
    public async Task Continuing_a_team_that_an_approval_continued_gives_what_became_of_it()
    {
        await using var engine = NewEngine(TestTeams.Of(TestTeams.Delegating("Done: {result}", "shipper"), Shipper()));
        var paused = await engine.RunAsync();
        var before = (await engine.EventsAsync(paused.RunId)).Count;
        await DeskOf(engine).ResolveAsync((await ApprovalAsync()).Id, isApproved: true, "admin", null, Patience.Token);
        await engine.WaitAsync(paused.RunId);

        Assert.Equal(before - 1, (await engine.Host.ContinueAsync(new RunContinuation(paused.RunId, []), Patience.Token)).LastIndex);
        Assert.Equal(["x"], _shipped);
    }

    [Fact]
    public async Task What_comes_with_a_decision_about_a_members_call_is_masked_before_it_is_recorded()
    {
        var shipper = Shipper(("outside", new { })) with { Guardrails = [new PiiDetection { MaskPii = true, ScreenAnswers = true }] };
        var inner = TestTeams.Of(TestTeams.Delegating("inner", "shipper"), shipper) with { Name = "Inner" };
        await using var engine = NewEngine(TestTeams.Of(TestTeams.Delegating("outer", "inner"), inner));
        var paused = await engine.RunAsync();

        var resolved = await DeskOf(engine).ResolveAsync(
            (await ApprovalAsync()).Id, isApproved: true, "admin", JsonElement.Parse("""{"result":"sent to ann@example.com"}"""), Patience.Token);
        var output = await engine.WaitAsync(paused.RunId);

        Assert.Equal(RunStatus.Completed, output.Status);
        Assert.DoesNotContain("ann@example.com", resolved.ResolutionData!.Value.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("ann@example.com", await AllLogsAsync(engine, output), StringComparison.Ordinal);
    }

    internal static async Task<string> AllLogsAsync(TestEngine engine, RunOutput output)
    {
        var own = string.Concat((await engine.LogAsync(output.RunId)).Select(Json.Frames.Write));
        var members = await Task.WhenAll((output.MemberResponses ?? []).Select(member => AllLogsAsync(engine, member)));
        return own + string.Concat(members);
    }

    private TestEngine NewEngine(Team team) => new(team, _store, _time);

    private ApprovalDesk DeskOf(TestEngine engine) => new(_store, engine.Host, new AgentCatalog([engine.Agent]), _time, NullLogger<ApprovalDesk>.Instance);

    private Task<int> SweepAsync(TestEngine engine) => new ApprovalSweep(_store, _store, _time, NullLogger<ApprovalSweep>.Instance)
        .SweepAsync((_, continuation) => engine.Host.ContinueAsync(continuation, Patience.Token), cancellationToken: Patience.Token);

    private async Task<ApprovalRecord> ApprovalAsync() => Assert.Single((await ((IApprovalStore)_store).ListAsync(new ApprovalQuery(), Patience.Token)).Approvals);

    private Tool Ship() => Tool.Create(
        (string service) =>
        {
            _shipped.Add(service);
            return $"sent {service}";
        },
        new ToolOptions { Name = "ship", ApprovalType = ApprovalType.Required, ApprovalTimeout = TimeSpan.FromMinutes(5) });

    private Agent Shipper(params (string Tool, object Arguments)[] calls) => new()
    {
        Name = "Shipper",
        Model = TestTeams.Script("shipped: {result}", calls.Length == 0 ? [("ship", new { service = "x" })] : calls),
        Tools =
        [
            Ship(),
            Tool.Create(() => "checked", new ToolOptions { Name = "check", RequiresConfirmation = true }),
            Tool.Create(() => "never", new ToolOptions { Name = "outside", ExternalExecution = true, ApprovalType = ApprovalType.Required }),
        ],
    };
}
