using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Outputs;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Runs;

/// <summary>What runs that go on from others, or from where they were well, keep of before and what they forget.</summary>
public sealed class KeptAndForgottenTests
{
    [Fact]
    public async Task Later_runs_are_shown_what_a_fork_took_over_once()
    {
        await using var engine = new TestEngine(new Agent { History = new HistorySettings { AddToContext = true } });
        engine.Model.Answer("hello").Answer("more").Answer("again");
        var first = await engine.RunAsync("hi");
        await GoOnAsync(engine, new RunContinuation(first.RunId) { Input = "go on" });

        await engine.RunAsync("and now");

        Assert.Equal(["user: hi", "assistant: hello", "user: go on", "assistant: more", "user: and now"], engine.Model.Calls[2].Texts);
    }

    [Fact]
    public async Task The_copy_of_a_fork_that_goes_on_is_not_shown_its_own_messages_as_history()
    {
        await using var engine = new TestEngine(new Agent { History = new HistorySettings { AddToContext = true } });
        engine.Model.Answer("hello").Answer("more").Answer("again");
        var first = await engine.RunAsync("hi");
        await GoOnAsync(engine, new RunContinuation(first.RunId) { Input = "go on" });
        var copied = await ForkSessionAsync(engine);
        var fork = (await engine.Store.ListAsync(new RunQuery(copied), Patience.Token))[^1].Output;

        await GoOnAsync(engine, new RunContinuation(fork.RunId) { Input = "and on" });

        Assert.Equal(["user: hi", "assistant: hello", "user: go on", "assistant: more", "user: and on"], engine.Model.Calls[2].Texts);
    }

    [Fact]
    public async Task A_run_that_goes_on_sees_what_others_did_to_the_session_meanwhile()
    {
        var isBroken = true;
        await using var engine = new TestEngine(new Agent
        {
            SessionState = new SessionStateSettings { Initial = JsonElement.Parse("""{"visits":0}""") },
            Dependencies = new Dependencies { Compute = (_, _) => isBroken ? throw new InvalidOperationException("down") : ValueTask.FromResult(JsonElement.Parse("{}")) },
            Tools = [Tool.Create((RunContext context) => context.State.Set("visits", JsonElement.Parse("1")), new ToolOptions { Name = "visit" })],
        });
        engine.Model.AnswerWithCall("visit").Answer("visited").Answer("done");
        var failed = await engine.RunAsync();
        isBroken = false;
        await engine.RunAsync();

        await GoOnAsync(engine, new RunContinuation(failed.RunId));

        Assert.Equal(1, (await engine.Store.FindAsync(TestEngine.SessionId, Patience.Token))!.SessionState!.Value.GetProperty("visits").GetInt32());
    }

    [Fact]
    public async Task A_message_index_counts_what_is_on_record()
    {
        await using var engine = new TestEngine(new Agent { Record = new RecordSettings { ToolMessages = false }, Tools = [Tool.Create(() => "looked", new ToolOptions { Name = "look" })] });
        engine.Model.AnswerWithCall("look", id: "c1").Answer("seen").Answer("more");
        var first = await engine.RunAsync();
        var recorded = (await engine.Store.ListAsync(new RunQuery(TestEngine.SessionId), Patience.Token)).Single().Output;

        await GoOnAsync(engine, new RunContinuation(first.RunId) { From = ContinuationPoint.At(Checkpoints.Of(recorded)[^1].ContinueFrom), Input = "go on" });

        Assert.Equal(["user: hi", "assistant: [look]", "tool: looked", "assistant: seen", "user: go on"], engine.Model.Calls[2].Texts);
    }

    [Fact]
    public async Task No_later_call_gets_the_id_of_one_that_was_gone_back_behind()
    {
        var keys = new List<string>();
        var write = Tool.Create((RunContext context) => keys.Add(context.IdempotencyKey!), new ToolOptions { Name = "write", Effect = ToolEffect.Keyed });
        await using var engine = new TestEngine(new Agent { Tools = [write] });
        engine.Model.AnswerWithCall("write", id: "c1").Answer(call => call.Fail(new InvalidOperationException("down"))).AnswerWithCall("write", id: "c1").Answer("done");
        var failed = await engine.RunAsync();

        var run = await GoOnAsync(engine, new RunContinuation(failed.RunId) { From = ContinuationPoint.LastUser });

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Equal(2, keys.Distinct().Count());
    }

    [Fact]
    public async Task Suggestions_about_a_refused_answer_go_with_it()
    {
        await using var engine = new TestEngine(new Agent
        {
            Guardrails = [new RefusingOnce()],
            Output = new OutputSettings { Followups = new FollowupSettings() },
        });
        engine.Model.Answer("one").Answer("""{"suggestions":["Why one?"]}""").Answer("two").Answer("""{"suggestions":["Why two?"]}""");
        var refused = await engine.RunAsync();

        var run = await GoOnAsync(engine, new RunContinuation(refused.RunId));

        Assert.Equal((RunStatus.Error, RunStatus.Completed), (refused.Status, run.Status));
        Assert.Equal(["Why two?"], run.Followups!.Value);
    }

    [Fact]
    public async Task A_fork_of_a_paused_run_keeps_what_tools_added_to_the_conversation()
    {
        await using var engine = new TestEngine(new Agent
        {
            Tools =
            [
                Tool.Create(Hint, new ToolOptions { Name = "hint", Effect = ToolEffect.Pure }),
                Tool.Create(() => "deleted", new ToolOptions { Name = "delete", RequiresConfirmation = true }),
            ],
        });
        engine.Model.Answer(call => call.Use("hint", id: "c1").Use("delete", id: "c2").Cost(1, 1).End()).Answer("done");
        var paused = await engine.RunAsync();

        var answers = paused.Tools!.Value.Where(tool => tool.IsWaiting).Select(tool => tool with { Confirmed = true });
        await GoOnAsync(engine, new RunContinuation(paused.RunId, [.. answers]) { Fork = true });

        Assert.Contains("user: Mind the step.", engine.Model.Calls[1].Texts);

        static string Hint() => throw new RetryRunException("hinted") { UserMessage = "Mind the step." };
    }

    [Fact]
    public async Task Answers_that_nobody_waits_for_any_more_are_refused()
    {
        await using var engine = new TestEngine(new Agent { Tools = [Tool.Create(() => "deleted", new ToolOptions { Name = "delete", RequiresConfirmation = true })] });
        engine.Model.AnswerWithCall("delete", id: "c1");
        var paused = await engine.RunAsync();

        await Assert.ThrowsAsync<InvalidRequestException>(() => engine.Host.ContinueAsync(
            new RunContinuation(paused.RunId, [paused.Tools!.Value[0] with { Confirmed = true }]) { From = ContinuationPoint.LastUser }, Patience.Token));
    }

    private static Task<string> ForkSessionAsync(TestEngine engine) => new SessionForks(engine.Store, engine.Store, engine.Store, engine.Store, engine.Time)
        .ForkAsync(new SessionForkRequest(TestEngine.SessionId, engine.Agent.AgentId, null), Patience.Token);

    private static async Task<RunOutput> GoOnAsync(TestEngine engine, RunContinuation continuation) =>
        await engine.WaitAsync((await engine.Host.ContinueAsync(continuation, Patience.Token)).RunId);

    private sealed class RefusingOnce : IGuardrail
    {
        private int _answers;

        public string Name => "once";

        public ValueTask CheckOutputAsync(RunOutput output, RunContext run, CancellationToken cancellationToken) =>
            ++_answers == 1 ? throw new OutputCheckException("not that") : ValueTask.CompletedTask;
    }
}
