using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Runs;

public sealed class RewindTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failed_run_goes_on_from_its_last_good_message(bool inAnotherProcess)
    {
        var calls = 0;
        await using var engine = new TestEngine(new Agent { Tools = [Tool.Create(() => $"looked {++calls}", new ToolOptions { Name = "look" })] });
        engine.Model.AnswerWithCall("look", id: "c1").Answer(call => call.Fail(new InvalidOperationException("down"))).Answer("done");
        var failed = await engine.RunAsync();
        await using var next = engine.Successor();

        var run = await GoOnAsync(inAnotherProcess ? next : engine, new RunContinuation(failed.RunId));

        Assert.Equal((RunStatus.Error, failed.RunId, RunStatus.Completed, "done", 1), (failed.Status, run.RunId, run.Status, run.Content?.Text, calls));
        Assert.Equal(["user: hi", "assistant: [look]", "tool: looked 1"], engine.Model.Calls[^1].Texts);
        Builders.AssertGapless(RunEventLog.ToPublic(await engine.LogAsync(run.RunId)));
    }

    [Fact]
    public async Task A_session_is_charged_once_for_a_run_that_failed_and_went_on()
    {
        await using var engine = new TestEngine(new Agent { Tools = [Tool.Create(() => "looked", new ToolOptions { Name = "look" })] });
        engine.Model.AnswerWithCall("look", id: "c1").Answer(call => call.Fail(new InvalidOperationException("down"))).Answer("done");
        var failed = await engine.RunAsync();

        var run = await GoOnAsync(engine, new RunContinuation(failed.RunId));

        Assert.Equal((15L, 30L), (failed.Metrics?.TotalTokens, run.Metrics?.TotalTokens));
        Assert.Equal(30, (await engine.Store.FindAsync(TestEngine.SessionId, Patience.Token))!.Metrics?.TotalTokens);
    }

    [Fact]
    public async Task A_run_that_failed_before_it_began_begins_anew_and_takes_nothing_more()
    {
        await using var engine = new TestEngine(new Agent { Guardrails = [new Refusing("bad")] });
        engine.Model.Answer("done");
        var failed = await engine.RunAsync("bad");

        await Assert.ThrowsAsync<InvalidRequestException>(() => engine.Host.ContinueAsync(new RunContinuation(failed.RunId) { Input = "good" }, Patience.Token));
        await Assert.ThrowsAsync<InvalidRequestException>(() => engine.Host.ContinueAsync(new RunContinuation(failed.RunId) { Fork = true }, Patience.Token));
        var again = await GoOnAsync(engine, new RunContinuation(failed.RunId));

        Assert.Equal((RunStatus.Error, RunStatus.Error), (failed.Status, again.Status));
        Assert.Empty(engine.Model.Calls);
    }

    [Fact]
    public async Task A_paused_run_can_go_back_to_before_its_tool_calls()
    {
        var deleted = 0;
        await using var engine = new TestEngine(new Agent { Tools = [Tool.Create(() => $"deleted {++deleted}", new ToolOptions { Name = "delete", RequiresConfirmation = true })] });
        engine.Model.AnswerWithCall("delete", id: "c1").Answer("better not");
        var paused = await engine.RunAsync();

        var run = await GoOnAsync(engine, new RunContinuation(paused.RunId) { From = ContinuationPoint.LastUser, Input = "rather not" });

        Assert.Equal((paused.RunId, RunStatus.Completed, "better not", 0), (run.RunId, run.Status, run.Content?.Text, deleted));
        Assert.Equal(["user: hi", "user: rather not"], engine.Model.Calls[1].Texts);
        Assert.Empty(run.Tools!.Value);
        Assert.Empty(run.Requirements!.Value);
    }

    [Fact]
    public async Task What_the_user_says_with_an_answer_stands_behind_the_results()
    {
        await using var engine = new TestEngine(new Agent { Tools = [Tool.Create(() => "deleted", new ToolOptions { Name = "delete", RequiresConfirmation = true })] });
        engine.Model.AnswerWithCall("delete", id: "c1").Answer("done");
        var paused = await engine.RunAsync();

        await GoOnAsync(engine, new RunContinuation(paused.RunId, [paused.Tools!.Value[0] with { Confirmed = true }]) { Input = "and be quick" });

        Assert.Equal(["user: hi", "assistant: [delete]", "tool: deleted", "user: and be quick"], engine.Model.Calls[1].Texts);
    }

    [Fact]
    public async Task Guardrails_look_at_what_is_added()
    {
        await using var engine = new TestEngine(new Agent { Guardrails = [new Refusing("bad")] });
        engine.Model.Answer("hello").Answer("more");
        var first = await engine.RunAsync("good");

        var refused = await GoOnAsync(engine, new RunContinuation(first.RunId) { Input = "bad" });
        var taken = await engine.Host.ContinueAsync(new RunContinuation(first.RunId) { Input = "good" }, Patience.Token);
        var events = await engine.EventsAsync(taken.RunId);

        Assert.Equal((RunStatus.Error, "no bad"), (refused.Status, refused.Content?.Text));
        Assert.Equal("RunContinued PreHookStarted PreHookCompleted ModelRequestStarted RunContent ModelRequestCompleted RunContentCompleted PostHookStarted PostHookCompleted RunCompleted", events.Order());
        Assert.Equal(2, engine.Model.Calls.Count);
    }

    [Fact]
    public async Task What_a_guardrail_refuses_at_once_is_recorded_nowhere()
    {
        await using var engine = new TestEngine(new Agent { Guardrails = [new Refusing("none", secret: "4111")] });
        engine.Model.Answer("hello");
        var first = await engine.RunAsync();
        var before = (await engine.LogAsync(first.RunId)).Count;

        await Assert.ThrowsAsync<InvalidRequestException>(() => engine.Host.ContinueAsync(new RunContinuation(first.RunId) { Input = "my card is 4111" }, Patience.Token));

        Assert.Equal(before, (await engine.LogAsync(first.RunId)).Count);
        Assert.Single(await engine.Store.ListAsync(new RunQuery(TestEngine.SessionId), Patience.Token));
    }

    private static async Task<RunOutput> GoOnAsync(TestEngine engine, RunContinuation continuation) =>
        await engine.WaitAsync((await engine.Host.ContinueAsync(continuation, Patience.Token)).RunId);

    private sealed class Refusing(string word, string? secret = null) : IGuardrail
    {
        public string Name => "words";

        public ScreenedInput Screen(RunInput input) => secret is not null && input.InputContent.ToString().Contains(secret, StringComparison.Ordinal)
            ? new ScreenedInput(input, new InputCheckException("no secrets"))
            : new ScreenedInput(input);

        public ValueTask<RunInput> CheckInputAsync(RunInput input, RunContext run, CancellationToken cancellationToken) =>
            input.InputContent.ToString() == word ? throw new InputCheckException($"no {word}") : ValueTask.FromResult(input);
    }
}
