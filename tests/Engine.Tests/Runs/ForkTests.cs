using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Runs;

public sealed class ForkTests
{
    [Fact]
    public async Task A_completed_run_goes_on_in_a_new_one_that_has_its_messages()
    {
        await using var engine = new TestEngine(new Agent { Description = "You are kind." });
        engine.Model.Answer("hello").Answer("more");
        var first = await engine.RunAsync("hi");

        var fork = await GoOnAsync(engine, new RunContinuation(first.RunId) { Input = "go on" });

        Assert.NotEqual(first.RunId, fork.RunId);
        Assert.Equal((first.RunId, 3, (string?)null, (int?)null), (fork.ForkedFromRunId, fork.ForkedFromMessageIndex, fork.RegeneratedFrom, fork.LastCheckpointAtMessageIndex));
        Assert.Equal(["system: You are kind.", "user: hi", "assistant: hello", "user: go on"], engine.Model.Calls[1].Texts);
        Assert.Equal(first.Messages!.Value.Select(message => message.Id), fork.Messages!.Value[..3].Select(message => message.Id));
        Assert.Equal(("more", "model-1", "Tester", 15L), (fork.Content?.Text, fork.Model, fork.ModelProvider, fork.Metrics?.TotalTokens));
        Assert.Equal("hi", fork.Input?.InputContent.Text);
        Assert.Equal(RunStatus.Completed, (await engine.Host.FindAsync(first.RunId, Patience.Token))!.Output.Status);
    }

    [Fact]
    public async Task A_fork_begins_with_a_continuation_and_has_events_of_its_own()
    {
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer("hello").Answer("more");
        var first = await engine.RunAsync();

        var continued = await engine.Host.ContinueAsync(new RunContinuation(first.RunId) { Fork = true, Streamed = true }, Patience.Token);
        var events = await engine.EventsAsync(continued.RunId, continued.LastIndex);

        Assert.Equal("RunContinued ModelRequestStarted RunContent ModelRequestCompleted RunContentCompleted RunCompleted", events.Order());
        Assert.All(events, next => Assert.Equal(continued.RunId, ((AgentEvent)next).RunId));
        Builders.AssertGapless(events);
    }

    [Fact]
    public async Task A_regenerated_run_is_answered_anew_and_leaves_the_history()
    {
        await using var engine = new TestEngine(new Agent { History = new HistorySettings { AddToContext = true } });
        engine.Model.Answer("first").Answer("second").Answer("third");
        var first = await engine.RunAsync("hi");

        var anew = await GoOnAsync(engine, new RunContinuation(first.RunId) { Regenerate = true, AdditionalInstructions = "shorter" });
        await engine.RunAsync("and now");

        Assert.Equal(["user: hi", "user: shorter"], engine.Model.Calls[1].Texts);
        Assert.Equal((first.RunId, first.RunId, 1, 1), (anew.RegeneratedFrom, anew.ForkedFromRunId, anew.ForkedFromMessageIndex, anew.LastCheckpointAtMessageIndex));
        Assert.Equal(RunStatus.Regenerated, (await engine.Host.FindAsync(first.RunId, Patience.Token))!.Output.Status);
        Assert.Equal(["user: hi", "user: shorter", "assistant: second", "user: and now"], engine.Model.Calls[2].Texts);
    }

    [Fact]
    public async Task A_regenerated_run_stays_where_it_is_when_that_is_wanted_or_no_new_answer_comes()
    {
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer("first").Answer("second").Answer(call => call.Fail(new InvalidOperationException("down")));
        var first = await engine.RunAsync("hi");

        var kept = await GoOnAsync(engine, new RunContinuation(first.RunId) { Regenerate = true, ReplaceOriginal = false });
        var failed = await GoOnAsync(engine, new RunContinuation(first.RunId) { Regenerate = true });

        Assert.Equal((first.RunId, RunStatus.Completed), (kept.RegeneratedFrom, kept.Status));
        Assert.Equal(RunStatus.Error, failed.Status);
        Assert.Equal(RunStatus.Completed, (await engine.Host.FindAsync(first.RunId, Patience.Token))!.Output.Status);
    }

    [Fact]
    public async Task Regenerating_calls_no_tool_again()
    {
        var calls = 0;
        await using var engine = new TestEngine(new Agent { Tools = [Tool.Create(() => $"looked {++calls}", new ToolOptions { Name = "look" })] });
        engine.Model.AnswerWithCall("look", id: "c1").Answer("first").Answer("second");
        var first = await engine.RunAsync();

        var anew = await GoOnAsync(engine, new RunContinuation(first.RunId) { Regenerate = true });

        Assert.Equal(["user: hi", "assistant: [look]", "tool: looked 1"], engine.Model.Calls[2].Texts);
        Assert.Equal((1, "second", "c1"), (calls, anew.Content?.Text, Assert.Single(anew.Tools!.Value).ToolCallId));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 3)]
    [InlineData(4, 4)]
    public async Task A_message_index_is_moved_so_that_no_tool_call_lacks_its_result(int wanted, int kept)
    {
        await using var engine = new TestEngine(new Agent { Tools = [Tool.Create(() => "looked", new ToolOptions { Name = "look" })] });
        engine.Model.AnswerWithCall("look", id: "c1").Answer("first").Answer("second");
        var first = await engine.RunAsync();

        var fork = await GoOnAsync(engine, new RunContinuation(first.RunId) { From = ContinuationPoint.At(wanted) });

        Assert.Equal(kept, fork.ForkedFromMessageIndex);
        Assert.Equal(kept == 4 ? null : kept, fork.LastCheckpointAtMessageIndex);
        Assert.Equal(kept, engine.Model.Calls[2].Messages.Count);
    }

    [Fact]
    public async Task A_fork_of_a_paused_run_takes_the_answers_and_leaves_the_run_waiting()
    {
        var deleted = 0;
        var looked = 0;
        await using var engine = new TestEngine(new Agent
        {
            Tools =
            [
                Tool.Create(() => $"looked {++looked}", new ToolOptions { Name = "look" }),
                Tool.Create(() => $"deleted {++deleted}", new ToolOptions { Name = "delete", RequiresConfirmation = true }),
            ],
        });
        engine.Model.Answer(call => call.Use("look", id: "c1").Use("delete", id: "c2").End()).Answer("done");
        var paused = await engine.RunAsync();
        var waiting = paused.Tools!.Value.Single(tool => tool.IsWaiting);

        var fork = await GoOnAsync(engine, new RunContinuation(paused.RunId, [waiting with { Confirmed = true }]) { Fork = true, Input = "quick" });

        Assert.Equal((RunStatus.Completed, "done", 1, 1), (fork.Status, fork.Content?.Text, deleted, looked));
        Assert.Equal(["user: hi", "assistant: [look][delete]", "tool: looked 1", "tool: deleted 1", "user: quick"], engine.Model.Calls[1].Texts);
        Assert.Equal(RunStatus.Paused, (await engine.Host.FindAsync(paused.RunId, Patience.Token))!.Output.Status);
    }

    [Fact]
    public async Task A_fork_is_shown_the_history_that_the_other_run_was_shown()
    {
        await using var engine = new TestEngine(new Agent { Description = "Kind.", History = new HistorySettings { AddToContext = true } });
        engine.Model.Answer("one").Answer("two").Answer("three").Answer("four");
        await engine.RunAsync("first");
        var second = await engine.RunAsync("second");
        await engine.RunAsync("third");

        await GoOnAsync(engine, new RunContinuation(second.RunId) { From = ContinuationPoint.LastUser });

        Assert.Equal(["system: Kind.", "user: first", "assistant: one", "user: second"], engine.Model.Calls[3].Texts);
    }

    [Fact]
    public async Task A_fork_whose_owner_died_is_taken_up_without_the_other_run()
    {
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer("hello").Answer("more").Answer("again");
        var first = await engine.RunAsync("hi");
        var fork = await GoOnAsync(engine, new RunContinuation(first.RunId) { Input = "go on" });
        var log = await engine.LogAsync(fork.RunId);

        for (var length = 1; length < log.Count; length++)
        {
            await using var next = new TestEngine(new Agent { Name = engine.Agent.Name }, await CrashScene.StoreAsync([.. log.Take(length)]));
            next.Model.Otherwise = call => call.Say("more").End();
            Assert.Equal(1, await next.Host.RecoverAsync(Patience.Token));
            var run = await next.WaitAsync(fork.RunId);

            Assert.Equal(RunStatus.Completed, run.Status);
            Assert.Equal(["hi", "hello", "go on", "more"], run.Messages!.Value.Select(message => message.Content));
            Builders.AssertGapless(RunEventLog.ToPublic(await next.LogAsync(fork.RunId)));
            Assert.Single(await next.LogAsync(fork.RunId), entry => entry is RunContinued);
        }
    }

    [Fact]
    public async Task Wishes_that_contradict_each_other_are_refused()
    {
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer("hello");
        var run = new RunContinuation((await engine.RunAsync()).RunId);

        ImmutableArray<RunContinuation> contradictions =
        [
            run with { Regenerate = true, Fork = true },
            run with { ReplaceOriginal = true },
            run with { Regenerate = true, From = ContinuationPoint.At(1) },
            run with { Input = "a", AdditionalInstructions = "b" },
            run with { From = ContinuationPoint.At(3) },
            run with { From = ContinuationPoint.At(0) },
            run with { From = ContinuationPoint.At(-1) },
        ];

        foreach (var wish in contradictions)
        {
            await Assert.ThrowsAsync<InvalidRequestException>(() => engine.Host.ContinueAsync(wish, Patience.Token));
        }
    }

    [Fact]
    public async Task A_run_that_was_cancelled_or_works_is_not_forked()
    {
        await using var engine = new TestEngine(new Agent());
        var runId = await engine.StartAsync();
        await engine.Model.NextCallAsync();
        var working = await Assert.ThrowsAsync<ConflictException>(() => engine.Host.ContinueAsync(new RunContinuation(runId) { Fork = true }, Patience.Token));
        await engine.Host.CancelAsync(runId, Patience.Token);
        await engine.WaitAsync(runId);

        var cancelled = await Assert.ThrowsAsync<ConflictException>(() => engine.Host.ContinueAsync(new RunContinuation(runId) { Regenerate = true }, Patience.Token));

        Assert.Equal(($"Cannot continue run {runId}: run is already running", $"Cannot continue run {runId}: run is cancelled"), (working.Message, cancelled.Message));
    }

    private static async Task<RunOutput> GoOnAsync(TestEngine engine, RunContinuation continuation) =>
        await engine.WaitAsync((await engine.Host.ContinueAsync(continuation, Patience.Token)).RunId);
}
