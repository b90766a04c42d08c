using Cluster.Engine.Agents;
using Cluster.Engine.Approvals;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Storage;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cluster.Engine.Tests.Approvals;

public sealed class ApprovalSweepTests
{
    private static readonly Agent Shipper = new()
    {
        Tools =
        [
            Tool.Create(
                (string service) => $"Deployed {service}",
                new ToolOptions { Name = "deploy", ApprovalType = ApprovalType.Required, ApprovalTimeout = TimeSpan.FromMinutes(5) }),
        ],
    };

    private readonly ManualTime _time = new();

    [Fact]
    public async Task An_approval_expires_at_its_deadline_and_the_call_is_rejected_with_a_note()
    {
        await using var engine = new TestEngine(Shipper, time: _time);
        var paused = await PauseAsync(engine);
        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        Assert.Equal(0, await SweepAsync(engine));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await SweepAsync(engine));
        var run = await engine.WaitAsync(paused.RunId);

        Assert.Equal("Nobody approved this call before 2026-01-02T03:09:05Z, so it was not made.", run.Messages!.Value[^2].Content);
        Assert.Equal((ApprovalStatus.Expired, null), await StatusAsync(engine, paused));
        Assert.Equal(0, await SweepAsync(engine));
    }

    [Fact]
    public async Task Nobody_decides_after_the_deadline_even_before_the_sweep()
    {
        await using var engine = new TestEngine(Shipper, time: _time);
        var paused = await PauseAsync(engine);
        var desk = new ApprovalDesk(engine.Store, engine.Host, new AgentCatalog([engine.Agent]), _time, NullLogger<ApprovalDesk>.Instance);
        _time.Advance(TimeSpan.FromMinutes(5));

        var refusal = await Assert.ThrowsAsync<ConflictException>(() => desk.ResolveAsync(ApprovalOf(paused), isApproved: true, "admin", null, Patience.Token));
        var run = await engine.WaitAsync(paused.RunId);

        Assert.Equal("Approval is already 'expired' and cannot be resolved", refusal.Message);
        Assert.StartsWith("Nobody approved this call", run.Messages!.Value[^2].Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_continues_the_run_after_the_deadline_does_not_decide_either()
    {
        await using var engine = new TestEngine(Shipper, time: _time);
        var paused = await PauseAsync(engine);
        _time.Advance(TimeSpan.FromMinutes(6));

        var run = await engine.ContinueAsync(paused.RunId, paused.Tools!.Value.Single() with { Confirmed = true });

        Assert.StartsWith("Nobody approved this call", run.Messages!.Value[^2].Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_whose_process_died_behind_the_decision_is_continued_by_the_next_one()
    {
        await using var engine = new TestEngine(Shipper, time: _time);
        var paused = await PauseAsync(engine);
        await ((IApprovalStore)engine.Store).ResolveAsync(
            ApprovalOf(paused), new ApprovalResolution(ApprovalStatus.Approved, _time.GetUtcNow().ToUnixTimeSeconds(), "admin"), Patience.Token);
        await engine.DisposeAsync();
        await using var next = engine.Successor();

        Assert.Equal(1, await SweepAsync(next));
        var run = await next.WaitAsync(paused.RunId);

        Assert.Equal("Deployed billing", run.Messages!.Value[^2].Content);
        Assert.Equal(0, await SweepAsync(next));
    }

    [Fact]
    public async Task An_overdue_approval_is_settled_once_whatever_sweeps_at_once()
    {
        await using var engine = new TestEngine(Shipper, time: _time);
        var paused = await PauseAsync(engine);
        _time.Advance(TimeSpan.FromMinutes(6));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SweepAsync(engine)));
        await engine.WaitAsync(paused.RunId);

        var log = await engine.LogAsync(paused.RunId);
        Assert.Single(log.OfType<AnswersReceived>());
        Assert.Single(log.OfType<ToolCallSettled>());
    }

    [Fact]
    public async Task A_decision_and_the_deadline_at_the_same_time_have_one_outcome()
    {
        for (var i = 0; i < 20; i++)
        {
            await using var engine = new TestEngine(Shipper, new MemoryStore(), new ManualTime());
            var time = (ManualTime)engine.Time;
            var paused = await PauseAsync(engine);
            var desk = new ApprovalDesk(engine.Store, engine.Host, new AgentCatalog([engine.Agent]), time, NullLogger<ApprovalDesk>.Instance);
            time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));

            var deciding = Task.Run(() => desk.ResolveAsync(ApprovalOf(paused), isApproved: true, "admin", null, Patience.Token));
            time.Advance(TimeSpan.FromSeconds(1));
            await SweepAsync(engine);
            await Task.WhenAny(deciding);
            var run = await engine.WaitAsync(paused.RunId);

            var (status, by) = await StatusAsync(engine, paused);
            Assert.Equal(status == ApprovalStatus.Approved ? (false, "admin") : (true, null), (run.Tools!.Value.Single().ToolCallError == true, by));
            Assert.Equal(status == ApprovalStatus.Approved, deciding.IsCompletedSuccessfully);
        }
    }

    [Fact]
    public async Task An_approval_of_a_run_that_is_gone_expires_all_the_same()
    {
        await using var engine = new TestEngine(Shipper, time: _time);
        var paused = await PauseAsync(engine);
        await engine.Store.DeleteAsync([TestEngine.SessionId], null, Patience.Token);
        _time.Advance(TimeSpan.FromMinutes(6));

        Assert.Equal(0, await SweepAsync(engine));

        Assert.Equal((ApprovalStatus.Expired, null), await StatusAsync(engine, paused));
    }

    private static async Task<RunOutput> PauseAsync(TestEngine engine)
    {
        engine.Model.AnswerWithCall("deploy", new { service = "billing" }).Answer("done");
        return await engine.RunAsync();
    }

    private static Task<int> SweepAsync(TestEngine engine) => new ApprovalSweep(engine.Store, engine.Store, engine.Time, NullLogger<ApprovalSweep>.Instance)
        .SweepAsync((_, continuation) => engine.Host.ContinueAsync(continuation, Patience.Token), cancellationToken: Patience.Token);

    private static string ApprovalOf(RunOutput paused) => paused.Tools!.Value.Single().ApprovalId!;

    private static async Task<(ApprovalStatus Status, string? By)> StatusAsync(TestEngine engine, RunOutput paused)
    {
        var approval = (await ((IApprovalStore)engine.Store).FindAsync(ApprovalOf(paused), Patience.Token))!;
        return (approval.Status, approval.ResolvedBy);
    }
}
