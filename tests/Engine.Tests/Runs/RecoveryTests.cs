using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Runs;

public sealed class RecoveryTests
{
    [Fact]
    public async Task The_next_host_completes_what_a_stopped_one_left_and_a_reader_goes_on_from_its_index()
    {
        await using var engine = new TestEngine(new Agent());
        var runId = await engine.StartAsync();
        (await engine.Model.NextCallAsync()).Say("a", "b", "c");
        var before = await engine.Host.ReadEventsAsync(runId, cancellationToken: Patience.Token).Take(5).ToListAsync(Patience.Token);
        await engine.Host.StopAsync(Patience.Token);

        await using var next = engine.Successor();
        next.Model.Answer("a", "b", "c", "d");
        Assert.Equal(1, await next.Host.RecoverAsync(Patience.Token));
        var after = await next.EventsAsync(runId, before[^1].EventIndex!.Value);

        Builders.AssertGapless(before.Concat(after));
        Assert.Equal("abcd", before.Concat(after).Text());
        Assert.Equal(RunStatus.Completed, (await next.WaitAsync(runId)).Status);
    }

    [Fact]
    public async Task A_reader_who_saw_more_than_the_next_host_says_gets_the_outcome()
    {
        await using var engine = new TestEngine(new Agent());
        var runId = await engine.StartAsync();
        (await engine.Model.NextCallAsync()).Say("a", "b", "c", "d", "e", "f");
        var before = await engine.Host.ReadEventsAsync(runId, cancellationToken: Patience.Token).Take(8).ToListAsync(Patience.Token);
        await engine.Host.StopAsync(Patience.Token);

        await using var next = engine.Successor();
        next.Model.Answer("short");
        await next.Host.RecoverAsync(Patience.Token);
        var after = await next.EventsAsync(runId, before[^1].EventIndex!.Value);

        Assert.Equal("short", Assert.IsType<RunCompleted>(Assert.Single(after)).Content?.Text);
    }

    [Fact]
    public async Task Runs_that_waited_in_the_queue_work_in_their_order_in_the_next_host()
    {
        await using var engine = new TestEngine(new Agent { History = new HistorySettings { AddToContext = true } });
        var runs = new List<string> { await engine.StartAsync("one") };
        await engine.Model.NextCallAsync();
        runs.Add(await engine.StartAsync("two"));
        runs.Add(await engine.StartAsync("three"));
        await engine.Host.StopAsync(Patience.Token);

        await using var next = engine.Successor(new ChannelChatClient { Otherwise = call => call.Say($"re {call.Input}").End() });
        Assert.Equal(3, await next.Host.RecoverAsync(Patience.Token));
        await Task.WhenAll(runs.Select(next.WaitAsync));

        Assert.Equal(["user: one", "assistant: re one", "user: two", "assistant: re two", "user: three"], next.Model.Calls[^1].Texts);
    }

    [Fact]
    public async Task The_run_that_was_at_work_goes_on_before_an_earlier_one_that_was_continued_behind_it()
    {
        var ask = Tool.Create(() => "yes", new ToolOptions { Name = "ask", RequiresConfirmation = true });
        var look = Tool.Create(() => "seen", new ToolOptions { Name = "look" });
        await using var engine = new TestEngine(new Agent { Tools = [ask, look] });
        engine.Model.AnswerWithCall("ask").AnswerWithCall("look");
        var paused = await engine.RunAsync("first");
        await engine.StartAsync("second");
        await engine.Model.NextCallAsync();
        await engine.Host.ContinueAsync(new RunContinuation(paused.RunId, [paused.Tools!.Value[0] with { Confirmed = true }]), Patience.Token);
        await engine.Host.StopAsync(Patience.Token);

        await using var next = engine.Successor(new ChannelChatClient { Otherwise = call => call.End() });
        Assert.Equal(2, await next.Host.RecoverAsync(Patience.Token));
        await next.WaitAsync(paused.RunId);

        Assert.Equal(["second", "first"], next.Model.Calls.Select(call => call.Input));
    }

    [Fact]
    public async Task Recovering_leaves_runs_alone_that_live_in_this_host()
    {
        await using var engine = new TestEngine(new Agent());
        var runId = await engine.StartAsync();
        var call = await engine.Model.NextCallAsync();

        Assert.Equal(0, await engine.Host.RecoverAsync(Patience.Token));
        call.Say("mine").End();

        Assert.Equal("mine", (await engine.WaitAsync(runId)).Content?.Text);
        Assert.Single(engine.Model.Calls);
    }

    [Fact]
    public async Task A_model_that_breaks_when_the_host_stops_does_not_fail_the_run()
    {
        await using var engine = new TestEngine(new Agent { Model = Cluster.Engine.Models.ModelSource.From(new FragileChatClient()) });
        var runId = await engine.StartAsync();
        await engine.Host.ReadEventsAsync(runId, afterIndex: 1, Patience.Token).FirstAsync(Patience.Token);

        await engine.Host.StopAsync(Patience.Token);

        Assert.True((await engine.Host.FindAsync(runId, Patience.Token))!.IsLive);
        await using var next = engine.Successor();
        next.Model.Answer("fine");
        await next.Host.RecoverAsync(Patience.Token);
        Assert.Equal("fine", (await next.WaitAsync(runId)).Content?.Text);
    }

    [Fact]
    public async Task A_cancellation_that_was_recorded_holds_in_the_next_host()
    {
        await using var engine = new TestEngine(new Agent());
        await engine.StartAsync("one");
        await engine.Model.NextCallAsync();
        var queued = await engine.StartAsync("two");
        await engine.Host.CancelAsync(queued, Patience.Token);
        await engine.Host.StopAsync(Patience.Token);

        await using var next = engine.Successor(new ChannelChatClient { Otherwise = call => call.End() });
        await next.Host.RecoverAsync(Patience.Token);

        Assert.Equal(RunStatus.Cancelled, (await next.WaitAsync(queued)).Status);
    }

    [Fact]
    public async Task A_run_whose_session_was_deleted_ends_quietly()
    {
        await using var engine = new TestEngine(new Agent());
        var runId = await engine.StartAsync();
        var reader = engine.EventsAsync(runId);
        var call = await engine.Model.NextCallAsync();

        await engine.Store.DeleteAsync([TestEngine.SessionId], null, Patience.Token);
        call.Say("to nobody").End();

        Assert.DoesNotContain("RunCompleted", (await reader).Names());
        await engine.Host.StopAsync(Patience.Token);
        Assert.Null(await engine.Host.FindAsync(runId, Patience.Token));
    }

    [Fact]
    public async Task A_run_whose_session_was_deleted_can_be_cancelled()
    {
        await using var engine = new TestEngine(new Agent());
        var runId = await engine.StartAsync();
        var reader = engine.EventsAsync(runId);
        var call = await engine.Model.NextCallAsync();
        await engine.Store.DeleteAsync([TestEngine.SessionId], null, Patience.Token);

        await engine.Host.CancelAsync(runId, Patience.Token);

        await call.Stopped.Within();
        Assert.DoesNotContain("RunCompleted", (await reader).Names());
    }

    [Fact]
    public async Task A_session_whose_runs_were_deleted_under_way_takes_new_ones()
    {
        await using var engine = new TestEngine(new Agent());
        await engine.StartAsync();
        var call = await engine.Model.NextCallAsync();
        await engine.Store.DeleteAsync([TestEngine.SessionId], null, Patience.Token);
        var second = await engine.StartAsync("new");
        call.End();
        (await engine.Model.NextCallAsync()).Say("fresh").End();

        Assert.Equal("fresh", (await engine.WaitAsync(second)).Content?.Text);
    }

    [Fact]
    public async Task An_answer_that_was_recorded_is_carried_out_by_the_next_host()
    {
        var tool = Tool.Create(() => "deleted", new ToolOptions { Name = "delete", RequiresConfirmation = true });
        await using var engine = new TestEngine(new Agent { Tools = [tool] });
        engine.Model.AnswerWithCall("delete");
        var paused = await engine.RunAsync();
        await engine.Host.ContinueAsync(new RunContinuation(paused.RunId, [paused.Tools!.Value[0] with { Confirmed = true }]), Patience.Token);
        await engine.Model.NextCallAsync();
        await engine.Host.StopAsync(Patience.Token);

        await using var next = engine.Successor(new ChannelChatClient().Answer("done"));
        Assert.Equal(1, await next.Host.RecoverAsync(Patience.Token));

        Assert.Equal("done", (await next.WaitAsync(paused.RunId)).Content?.Text);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_run_that_dies_between_two_words_asks_the_model_again(int words)
    {
        await using var engine = new TestEngine(new Agent());
        var runId = await engine.StartAsync();
        (await engine.Model.NextCallAsync()).Say([.. Enumerable.Repeat("x", words)]);
        var before = await engine.Host.ReadEventsAsync(runId, cancellationToken: Patience.Token).Take(2 + words).ToListAsync(Patience.Token);
        await engine.Host.StopAsync(Patience.Token);

        await using var next = engine.Successor();
        next.Model.Answer("a", "b", "c", "d");
        await next.Host.RecoverAsync(Patience.Token);
        var after = await next.EventsAsync(runId, before[^1].EventIndex!.Value);

        Builders.AssertGapless(before.Concat(after));
        Assert.Equal("abcd", (await next.WaitAsync(runId)).Content?.Text);
        Assert.Equal("abcd", (await next.EventsAsync(runId)).Text());
        Assert.Equal("RunStarted ModelRequestStarted RunContent ModelRequestCompleted RunContentCompleted RunCompleted", (await next.EventsAsync(runId)).Order());
    }

    [Fact]
    public async Task A_reader_who_saw_a_run_continue_misses_nothing_when_the_host_dies_then()
    {
        var tool = Tool.Create(() => "deleted", new ToolOptions { Name = "delete", RequiresConfirmation = true });
        await using var engine = new TestEngine(new Agent { Tools = [tool] });
        engine.Model.AnswerWithCall("delete");
        var paused = await engine.RunAsync();
        var last = (await engine.Host.ContinueAsync(new RunContinuation(paused.RunId, [paused.Tools!.Value[0] with { Confirmed = true }]), Patience.Token)).LastIndex;
        var log = await engine.LogAsync(paused.RunId);

        var prefix = log[..(log.FindIndex(next => next is AnswersReceived) + 2)];

        Assert.Equal(last + 1, Assert.IsType<RunContinued>(prefix[^1]).EventIndex);
        await using var next = new TestEngine(new Agent { Tools = [tool] }, await CrashScene.StoreAsync([.. prefix]), model: new ChannelChatClient().Answer("done"));
        await next.Host.RecoverAsync(Patience.Token);
        var after = await next.EventsAsync(paused.RunId, last + 1);
        Assert.Equal("ToolCallStarted ToolCallCompleted ModelRequestStarted RunContent ModelRequestCompleted RunContentCompleted RunCompleted", after.Order());
        Assert.Equal(last + 2, after[0].EventIndex);
        engine.Model.Answer("done");
    }
}
