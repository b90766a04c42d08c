using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Approvals;
using Cluster.Engine.Errors;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Runs;
using Cluster.Engine.Storage;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cluster.Engine.Tests.Approvals;

public sealed class ApprovalTests : IAsyncDisposable
{
    private readonly List<string> _deployed = [];
    private readonly ManualTime _time = new();
    private readonly MemoryStore _store = new();
    private readonly TestEngine _engine;

    public ApprovalTests() => _engine = new TestEngine(
        new Agent
        {
            Name = "Shipper",
            Guardrails = [new PiiDetection { MaskPii = true, ScreenAnswers = true }],
            Tools =
            [
                Deploy("deploy", new ToolOptions { ApprovalType = ApprovalType.Required, ApprovalTimeout = TimeSpan.FromHours(1) }),
                Deploy("audited", new ToolOptions { ApprovalType = ApprovalType.Audit, RequiresConfirmation = true }),
                Deploy("plain", new ToolOptions { RequiresConfirmation = true }),
                Deploy("filled", new ToolOptions { ApprovalType = ApprovalType.Required, UserInputFields = ["service"] }),
                Deploy("outside", new ToolOptions { ApprovalType = ApprovalType.Required, ExternalExecution = true }),
            ],
        },
        _store,
        _time);

    private IApprovalStore Approvals => _store;

    private ApprovalDesk Desk => new(_store, _engine.Host, new AgentCatalog([_engine.Agent]), _time, NullLogger<ApprovalDesk>.Instance);

    [Fact]
    public async Task A_call_that_needs_approval_pauses_the_run_and_creates_the_approval_in_one_step()
    {
        var paused = await PauseAsync("deploy");

        var tool = paused.Tools!.Value.Single();
        var approval = await FindAsync(tool.ApprovalId!);
        Assert.Equal(("required", true), (tool.ApprovalType, tool.RequiresConfirmation));
        Assert.Equal((ApprovalStatus.Pending, "confirmation", "deploy", RunStatus.Paused), (approval.Status, approval.PauseType, approval.ToolName, approval.RunStatus));
        Assert.Equal((paused.RunId, "shipper", "Shipper"), (approval.RunId, approval.AgentId, approval.SourceName));
        Assert.Equal(_time.GetUtcNow().AddHours(1).ToUnixTimeSeconds(), approval.ExpiresAt);
        Assert.Equal(approval.Id, paused.Requirements!.Value.Single().ToolExecution.ApprovalId);
        Assert.Null(approval.Requirements!.Value.Single().ToolExecution.ApprovalId);
    }

    [Fact]
    public async Task What_comes_with_a_decision_is_masked_before_it_is_recorded()
    {
        var paused = await PauseAsync("outside");

        var resolved = await Desk.ResolveAsync(
            ApprovalOf(paused), isApproved: true, "admin", JsonElement.Parse("""{"result":"sent to ann@example.com","confirmation_note":"ask bob@example.com"}"""), Patience.Token);
        await _engine.WaitAsync(paused.RunId);

        var log = string.Concat((await _engine.LogAsync(paused.RunId)).Select(Json.Frames.Write));
        Assert.Contains("sent to", log, StringComparison.Ordinal);
        Assert.All([log, resolved.ResolutionData!.Value.GetRawText()], text => Assert.DoesNotContain("example.com", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_goes_on_by_itself_when_its_approval_is_approved()
    {
        var paused = await PauseAsync("deploy");

        var resolved = await Desk.ResolveAsync(ApprovalOf(paused), isApproved: true, "admin", null, Patience.Token);
        var run = await _engine.WaitAsync(paused.RunId);

        Assert.Equal((ApprovalStatus.Approved, "admin", RunStatus.Paused), (resolved.Status, resolved.ResolvedBy, resolved.RunStatus));
        Assert.Equal((RunStatus.Completed, "done"), (run.Status, run.Content?.Text));
        Assert.Equal(["billing"], _deployed);
        Assert.True(run.Requirements!.Value.Single().Confirmation);
        Assert.Equal("approved", run.Metadata!.Value.GetProperty("approval").GetProperty("status").GetString());
        Assert.Equal(RunStatus.Completed, (await FindAsync(resolved.Id)).RunStatus);
    }

    [Fact]
    public async Task A_call_whose_approval_is_rejected_is_not_made()
    {
        var paused = await PauseAsync("deploy");

        await Desk.ResolveAsync(ApprovalOf(paused), isApproved: false, "admin", Builders.Json("""{"reason":"freeze"}"""), Patience.Token);
        var run = await _engine.WaitAsync(paused.RunId);

        Assert.Empty(_deployed);
        Assert.Equal("Function call was rejected by the user", run.Messages!.Value[^2].Content);
        Assert.False(run.Requirements!.Value.Single().Confirmation);
    }

    [Fact]
    public async Task Continuing_a_run_that_an_approval_continued_gives_what_became_of_it()
    {
        var paused = await PauseAsync("deploy");
        var before = (await _engine.EventsAsync(paused.RunId)).Count;
        await Desk.ResolveAsync(ApprovalOf(paused), isApproved: true, "admin", null, Patience.Token);
        await _engine.WaitAsync(paused.RunId);

        var after = (await _engine.Host.ContinueAsync(new RunContinuation(paused.RunId, []), Patience.Token)).LastIndex;

        Assert.Equal(before - 1, after);
        Assert.IsType<RunContinued>((await _engine.EventsAsync(paused.RunId, after))[0]);
        Assert.Equal(["billing"], _deployed);
    }

    [Fact]
    public async Task A_run_whose_approval_is_pending_cannot_be_continued_without_an_answer()
    {
        var paused = await PauseAsync("deploy");

        var refusal = await Assert.ThrowsAsync<InvalidRequestException>(() => _engine.ContinueAsync(paused.RunId));

        Assert.StartsWith("Run has unresolved HITL requirements.", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(ApprovalStatus.Pending, (await FindAsync(ApprovalOf(paused))).Status);
    }

    [Fact]
    public async Task Whoever_answers_the_call_decides_about_its_approval()
    {
        var paused = await PauseAsync("deploy");

        await _engine.Host.ContinueAsync(new RunContinuation(paused.RunId, [paused.Tools!.Value[0] with { Confirmed = false, ConfirmationNote = "not today" }]) { By = "ann" }, Patience.Token);
        var run = await _engine.WaitAsync(paused.RunId);

        var approval = await FindAsync(ApprovalOf(paused));
        Assert.Equal((ApprovalStatus.Rejected, "ann"), (approval.Status, approval.ResolvedBy));
        Assert.Equal("not today", run.Messages!.Value[^2].Content);
        await Assert.ThrowsAsync<ConflictException>(() => Desk.ResolveAsync(approval.Id, isApproved: true, "admin", null, Patience.Token));
    }

    [Fact]
    public async Task An_answer_that_comes_after_the_decision_changes_nothing()
    {
        var paused = await PauseAsync("deploy");
        await Approvals.ResolveAsync(ApprovalOf(paused), new ApprovalResolution(ApprovalStatus.Rejected, Now, "admin"), Patience.Token);

        var run = await _engine.ContinueAsync(paused.RunId, paused.Tools!.Value[0] with { Confirmed = true });

        Assert.Empty(_deployed);
        Assert.Equal("rejected", run.Metadata!.Value.GetProperty("approval").GetProperty("status").GetString());
    }

    [Fact]
    public async Task An_approval_brings_the_values_that_the_run_waits_for()
    {
        var paused = await PauseAsync("filled");

        await Assert.ThrowsAsync<InvalidRequestException>(() => Desk.ResolveAsync(ApprovalOf(paused), isApproved: true, "admin", null, Patience.Token));
        await Desk.ResolveAsync(ApprovalOf(paused), isApproved: true, "admin", Builders.Json("""{"values":{"service":"mail"}}"""), Patience.Token);
        var run = await _engine.WaitAsync(paused.RunId);

        Assert.Equal(["mail"], _deployed);
        Assert.True(run.Tools!.Value.Single().Answered);
    }

    [Fact]
    public async Task An_approval_brings_the_result_of_a_call_that_was_made_outside()
    {
        var paused = await PauseAsync("outside");

        await Desk.ResolveAsync(ApprovalOf(paused), isApproved: true, "admin", Builders.Json("""{"result":"it is out"}"""), Patience.Token);
        var run = await _engine.WaitAsync(paused.RunId);

        Assert.Empty(_deployed);
        Assert.Equal("it is out", run.Messages!.Value[^2].Content);
    }

    [Fact]
    public async Task An_approval_alone_does_not_continue_a_run_that_waits_for_more()
    {
        _engine.Model.Answer(call => call.Use("deploy", new { service = "billing" }, "c1").Use("plain", new { service = "mail" }, "c2").End()).Answer("done");
        var paused = await _engine.RunAsync();

        await Desk.ResolveAsync(paused.Tools!.Value[0].ApprovalId!, isApproved: true, "admin", null, Patience.Token);
        Assert.Equal(RunStatus.Paused, (await _engine.Host.FindAsync(paused.RunId, Patience.Token))!.Output.Status);
        await _engine.ContinueAsync(paused.RunId, paused.Tools.Value[1] with { Confirmed = true });

        Assert.Equal(["billing", "mail"], _deployed.Order());
    }

    [Fact]
    public async Task A_decision_that_is_audited_is_recorded_once_with_who_made_it()
    {
        var paused = await PauseAsync("audited");
        Assert.Equal(0, (await Approvals.ListAsync(new ApprovalQuery(), Patience.Token)).TotalCount);

        await _engine.Host.ContinueAsync(new RunContinuation(paused.RunId, [paused.Tools!.Value[0] with { Confirmed = true }]) { By = "ann" }, Patience.Token);
        await _engine.WaitAsync(paused.RunId);

        var audit = Assert.Single((await Approvals.ListAsync(new ApprovalQuery { ApprovalType = "audit" }, Patience.Token)).Approvals);
        Assert.Equal((ApprovalStatus.Approved, "ann", "audited", "confirmation"), (audit.Status, audit.ResolvedBy, audit.ToolName, audit.PauseType));
        Assert.Empty(await Approvals.ListDueAsync(Now, 10, Patience.Token));
    }

    [Fact]
    public void A_tool_whose_approvals_are_audited_has_to_wait_for_somebody() =>
        Assert.Throws<InvalidRequestException>(() => Deploy("careless", new ToolOptions { ApprovalType = ApprovalType.Audit }));

    [Fact]
    public async Task A_log_with_approvals_folds_to_the_record_that_was_stored()
    {
        var paused = await PauseAsync("deploy");
        await Desk.ResolveAsync(ApprovalOf(paused), isApproved: true, "admin", null, Patience.Token);
        var run = await _engine.WaitAsync(paused.RunId);

        var folded = RunState.From(await _engine.LogAsync(paused.RunId)).Output;

        Assert.Equal(ToJson(run), ToJson(folded));
    }

    [Fact]
    public async Task A_run_that_waits_for_an_approval_is_not_forked_with_answers()
    {
        var paused = await PauseAsync("deploy");
        var answered = new RunContinuation(paused.RunId, [paused.Tools!.Value[0] with { Confirmed = true }]) { Fork = true };

        await Assert.ThrowsAsync<InvalidRequestException>(() => _engine.Host.ContinueAsync(answered, Patience.Token));

        Assert.Empty(_deployed);
        Assert.Equal(ApprovalStatus.Pending, (await FindAsync(ApprovalOf(paused))).Status);
    }

    [Fact]
    public async Task A_decision_about_a_call_that_the_run_went_back_before_changes_nothing()
    {
        var paused = await PauseAsync("deploy");
        await _engine.Host.ContinueAsync(new RunContinuation(paused.RunId) { From = ContinuationPoint.LastUser }, Patience.Token);
        await _engine.WaitAsync(paused.RunId);

        await Desk.ResolveAsync(ApprovalOf(paused), isApproved: true, "admin", null, Patience.Token);

        Assert.Empty(_deployed);
        Assert.Equal(RunStatus.Completed, Assert.Single(await _store.ListAsync(new RunQuery(paused.SessionId!), Patience.Token)).Output.Status);
    }

    [Fact]
    public async Task A_run_that_an_approval_continued_goes_on_in_a_new_one_when_more_is_said()
    {
        var paused = await PauseAsync("deploy");
        await Desk.ResolveAsync(ApprovalOf(paused), isApproved: true, "admin", null, Patience.Token);
        await _engine.WaitAsync(paused.RunId);
        _engine.Model.Answer("welcome");

        var continued = await _engine.Host.ContinueAsync(new RunContinuation(paused.RunId) { Input = "Thanks" }, Patience.Token);

        Assert.NotEqual(paused.RunId, continued.RunId);
        Assert.Equal("welcome", (await _engine.WaitAsync(continued.RunId)).Content?.Text);
        Assert.Equal(["billing"], _deployed);
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    private static string ToJson(RunOutput output) => JsonSerializer.Serialize(output, Engine.Json.EngineJson.Context.RunOutput);

    private static string ApprovalOf(RunOutput paused) => paused.Tools!.Value.Single().ApprovalId!;

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    private async Task<ApprovalRecord> FindAsync(string id) => (await Approvals.FindAsync(id, Patience.Token))!;

    private async Task<RunOutput> PauseAsync(string tool)
    {
        _engine.Model.AnswerWithCall(tool, tool == "filled" ? null : new { service = "billing" }).Answer("done");
        return await _engine.RunAsync();
    }

    private Tool Deploy(string name, ToolOptions options) => Tool.Create(
        (string service) =>
        {
            lock (_deployed)
            {
                _deployed.Add(service);
            }

            return $"Deployed {service}";
        },
        options with { Name = name });
}
