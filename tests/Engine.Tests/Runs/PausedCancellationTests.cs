using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Agents;
using Cluster.Engine.Approvals;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Teams;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Runs;

/// <summary>What becomes of a run that waits for a human when somebody cancels it.</summary>
public sealed class PausedCancellationTests
{
    private int _made;

    public static TheoryData<string> Kinds => ["confirmation", "input", "external", "approval", "question"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_run_that_waits_is_cancelled_at_once_and_makes_the_call_never(string kind)
    {
        await using var engine = NewEngine(kind);
        var paused = await engine.RunAsync();

        await engine.Host.CancelAsync(paused.RunId, Patience.Token);
        var run = (await engine.Host.FindAsync(paused.RunId, Patience.Token))!.Output;

        Assert.Equal(RunStatus.Cancelled, run.Status);
        Assert.All(run.Requirements!.Value, requirement => Assert.False(requirement.IsOpen));
        Assert.Equal((false, false), (run.Tools!.Value[0].IsWaiting, run.Tools!.Value[0].Confirmed));
        await Assert.ThrowsAsync<ConflictException>(() => engine.ContinueAsync(paused.RunId, Answer(paused.Tools!.Value[0])));
        await Assert.ThrowsAsync<ConflictException>(() => engine.ContinueAsync(paused.RunId));
        var events = await engine.EventsAsync(paused.RunId);
        Assert.Equal(["RunPaused", "RunCancelled", "RunCompleted"], events.Names().TakeLast(3));
        Builders.AssertGapless(events);
        Assert.Equal((0, 1), (_made, engine.Model.Calls.Count));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_run_whose_owner_is_gone_is_cancelled_all_the_same(string kind)
    {
        await using var engine = NewEngine(kind);
        var paused = await engine.RunAsync();
        await using var next = engine.Successor();

        await next.Host.CancelAsync(paused.RunId, Patience.Token);

        Assert.Equal(RunStatus.Cancelled, (await next.Host.FindAsync(paused.RunId, Patience.Token))!.Output.Status);
        await Assert.ThrowsAsync<ConflictException>(() => next.ContinueAsync(paused.RunId, Answer(paused.Tools!.Value[0])));
        Assert.Equal(["RunPaused", "RunCancelled", "RunCompleted"], (await next.EventsAsync(paused.RunId)).Names().TakeLast(3));
        Assert.Equal(0, _made);
    }

    [Fact]
    public async Task The_approval_of_a_cancelled_run_is_closed_and_cannot_be_decided_about()
    {
        await using var engine = NewEngine("approval");
        var paused = await engine.RunAsync();
        var approval = Assert.Single((await engine.Store.ListAsync(new ApprovalQuery(), Patience.Token)).Approvals);
        var desk = new ApprovalDesk(engine.Store, engine.Host, new AgentCatalog([engine.Agent]), engine.Time, Microsoft.Extensions.Logging.Abstractions.NullLogger<ApprovalDesk>.Instance);

        await engine.Host.CancelAsync(paused.RunId, Patience.Token);
        var refusal = await Assert.ThrowsAsync<ConflictException>(() => desk.ResolveAsync(approval.Id, isApproved: true, "ann", null, Patience.Token));

        Assert.Equal("Approval is already 'cancelled' and cannot be resolved", refusal.Message);
        Assert.Equal(ApprovalStatus.Cancelled, (await ((IApprovalReader)engine.Store).FindAsync(approval.Id, Patience.Token))!.Status);
        Assert.Equal(0, _made);
    }

    [Fact]
    public async Task A_successor_finishes_a_cancellation_that_was_recorded_before_the_process_died()
    {
        await using var engine = NewEngine("confirmation");
        var paused = await engine.RunAsync();
        await engine.Host.CancelAsync(paused.RunId, Patience.Token);
        var log = await engine.LogAsync(paused.RunId);
        var store = await CrashScene.StoreAsync([.. log[..(log.FindIndex(next => next is CancelRequested) + 1)]]);
        await using var next = new TestEngine(engine.Agent, store);

        var recovered = await next.Host.RecoverAsync(Patience.Token);

        Assert.Equal((1, RunStatus.Cancelled), (recovered, (await next.WaitAsync(paused.RunId)).Status));
    }

    [Fact]
    public async Task A_cancelled_run_leaves_the_session_state_of_other_runs_as_it_is()
    {
        var set = Tool.Create((RunContext context) => context.State.Update(Builders.Json("""{"by":"other"}""")), new ToolOptions { Name = "set" });
        await using var engine = new TestEngine(new Agent { Tools = [Guarded("confirmation"), set] });
        engine.Model.AnswerWithCall("act").AnswerWithCall("set").Answer("done");
        var paused = await engine.RunAsync();
        await engine.RunAsync("two");

        await engine.Host.CancelAsync(paused.RunId, Patience.Token);

        Assert.Contains("other", (await engine.Store.FindAsync(TestEngine.SessionId, Patience.Token))!.SessionState.ToString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_an_answer_and_a_cancellation_at_the_same_time_one_counts()
    {
        for (var round = 0; round < 20; round++)
        {
            await using var engine = NewEngine("confirmation");
            engine.Model.Answer("done");
            var paused = await engine.RunAsync();
            var answering = Task.Run(() => engine.Host.ContinueAsync(new RunContinuation(paused.RunId, [Answer(paused.Tools!.Value[0])]), Patience.Token));

            await engine.Host.CancelAsync(paused.RunId, Patience.Token);
            var isAnswered = await answering.ContinueWith(task => task.IsCompletedSuccessfully, TaskScheduler.Default);
            var run = await engine.WaitAsync(paused.RunId);

            Assert.True(isAnswered ? run.Status is RunStatus.Cancelled or RunStatus.Completed : run.Status == RunStatus.Cancelled, run.Status.ToString());
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [SuppressMessage("Maintainability", "CA1506:Avoid excessive class coupling", Justification = "It looks at the run, its members and the approvals.")]
    public async Task A_team_is_cancelled_with_the_members_that_wait(bool isNested, bool isSucceeded)
    {
        var deleter = TestTeams.Deleter(_ => $"made {++_made}");
        var member = isNested ? TestTeams.Of(TestTeams.Delegating("{result}", "deleter"), deleter) with { Name = "Inner" } : deleter;
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("{result}", member.AgentId), member));
        var paused = await engine.RunAsync();
        await using var next = engine.Successor();
        var host = isSucceeded ? next.Host : engine.Host;

        await host.CancelAsync(paused.RunId, Patience.Token);
        var runs = await engine.Store.ListAsync(new RunQuery(TestEngine.SessionId), Patience.Token);

        Assert.Equal(isNested ? 3 : 2, runs.Length);
        Assert.All(runs, run => Assert.Equal(RunStatus.Cancelled, run.Output.Status));
        Assert.All(runs.SelectMany(run => run.Output.Requirements ?? []), requirement => Assert.False(requirement.IsOpen));
        await Assert.ThrowsAsync<ConflictException>(() => host.ContinueAsync(
            new RunContinuation(paused.RunId) { Requirements = [TestTeams.Confirm(Assert.Single(TestTeams.Open(paused)))] }, Patience.Token));
        Assert.Equal(0, _made);
        Builders.AssertGapless(await host.ReadEventsAsync(paused.RunId, cancellationToken: Patience.Token).ToListAsync(Patience.Token));
    }

    [Fact]
    public async Task A_leaders_own_call_is_closed_with_its_team()
    {
        var team = TestTeams.Of(TestTeams.Script("{result}", ("act", new { })), TestTeams.Member("Writer", "w")) with { Tools = [Guarded("approval")] };
        await using var engine = new TestEngine(team);
        var paused = await engine.RunAsync();

        await engine.Host.CancelAsync(paused.RunId, Patience.Token);

        Assert.Equal(ApprovalStatus.Cancelled, Assert.Single((await engine.Store.ListAsync(new ApprovalQuery(), Patience.Token)).Approvals).Status);
        Assert.Equal(RunStatus.Cancelled, (await engine.WaitAsync(paused.RunId)).Status);
    }

    private TestEngine NewEngine(string kind)
    {
        var engine = new TestEngine(kind == "question" ? new Agent { Toolkits = [UserControlToolkit.Create()] } : new Agent { Tools = [Guarded(kind)] });
        if (kind == "question")
        {
            engine.Model.AnswerWithCall("ask_user", new { questions = new[] { new { question = "Which?", header = "W", options = Array.Empty<object>() } } });
        }
        else
        {
            engine.Model.AnswerWithCall("act", new { what = "it" });
        }

        return engine;
    }

    private Tool Guarded(string kind) => Tool.Create((string what = "it") => $"made {what} {++_made}", kind switch
    {
        "input" => new ToolOptions { Name = "act", UserInputFields = [] },
        "external" => new ToolOptions { Name = "act", ExternalExecution = true },
        "approval" => new ToolOptions { Name = "act", ApprovalType = ApprovalType.Required },
        _ => new ToolOptions { Name = "act", RequiresConfirmation = true },
    });

    private static ToolExecution Answer(ToolExecution waiting) => waiting with { Confirmed = true, Result = waiting.ExternalExecutionRequired == true ? "done" : null, Answered = true };
}
