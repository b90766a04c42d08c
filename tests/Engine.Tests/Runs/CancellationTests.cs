using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Runs;

public sealed class CancellationTests
{
    [Fact]
    public async Task A_run_that_is_cancelled_while_the_model_speaks_ends_with_what_was_said()
    {
        await using var engine = new TestEngine(new Agent());
        var runId = await engine.StartAsync();
        var call = await engine.Model.NextCallAsync();
        call.Say("par", "tial");
        await engine.Host.ReadEventsAsync(runId, afterIndex: 2, Patience.Token).FirstAsync(Patience.Token);

        await engine.Host.CancelAsync(runId, Patience.Token);
        var events = await engine.EventsAsync(runId);

        await call.Stopped.Within();
        Assert.Equal("RunStarted ModelRequestStarted RunContent RunCancelled RunCompleted", events.Order());
        Builders.AssertGapless(events);
        var cancelled = Assert.IsType<RunCancelled>(events[^2]);
        Assert.Equal("partial", cancelled.Content.Text);
        Assert.Equal($"Run {runId} was cancelled", cancelled.Reason);
        Assert.Equal("partial", Assert.IsType<RunCompleted>(events[^1]).Content?.Text);
        Assert.Equal(RunStatus.Cancelled, (await engine.Host.FindAsync(runId, Patience.Token))!.Output.Status);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_before_it_said_anything_ends_with_the_reason()
    {
        await using var engine = new TestEngine(new Agent());
        var runId = await engine.StartAsync();
        await engine.Model.NextCallAsync();

        await engine.Host.CancelAsync(runId, Patience.Token);

        Assert.Equal($"Run {runId} was cancelled", (await engine.WaitAsync(runId)).Content?.Text);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_in_the_queue_never_asks_the_model()
    {
        await using var engine = new TestEngine(new Agent { Name = "Helper" });
        await engine.StartAsync("one");
        var first = await engine.Model.NextCallAsync();
        var queued = await engine.StartAsync("two");

        await engine.Host.CancelAsync(queued, Patience.Token);
        first.End();
        var events = await engine.EventsAsync(queued);

        Assert.Equal("RunCancelled RunCompleted", events.Order());
        Builders.AssertGapless(events);
        Assert.Single(engine.Model.Calls);
        var record = (await engine.Host.FindAsync(queued, Patience.Token))!.Output;
        Assert.Equal(RunStatus.Cancelled, record.Status);
        Assert.Equal("Helper", record.AgentName);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_in_the_queue_ends_before_its_turn()
    {
        await using var engine = new TestEngine(new Agent());
        var working = await engine.StartAsync("one");
        var call = await engine.Model.NextCallAsync();
        var queued = await engine.StartAsync("two");

        await engine.Host.CancelAsync(queued, Patience.Token);

        Assert.Equal(RunStatus.Cancelled, (await engine.WaitAsync(queued)).Status);
        call.Say("unhurt").End();
        Assert.Equal("unhurt", (await engine.WaitAsync(working)).Content?.Text);
        Assert.Empty((await engine.LogAsync(queued)).OfType<RunStarted>());
    }

    [Fact]
    public async Task A_tool_that_does_not_listen_does_not_hold_up_the_cancellation()
    {
        var never = new TaskCompletionSource<string>();
        var entered = new TaskCompletionSource();
        var deaf = Tool.Create(
            () =>
            {
                entered.SetResult();
                return never.Task;
            },
            new ToolOptions { Name = "deaf" });
        await using var engine = new TestEngine(new Agent { Tools = [deaf] });
        engine.Model.AnswerWithCall("deaf");
        var runId = await engine.StartAsync();
        await entered.Task.Within();

        await engine.Host.CancelAsync(runId, Patience.Token);
        var events = await engine.EventsAsync(runId);

        Assert.Equal("RunStarted ModelRequestStarted ModelRequestCompleted ToolCallStarted RunCancelled RunCompleted", events.Order());
    }

    [Fact]
    public async Task A_tool_that_breaks_when_it_is_stopped_does_not_turn_the_cancellation_into_a_failure()
    {
        var entered = new TaskCompletionSource();
        var fragile = Tool.Create(
            (CancellationToken cancellationToken) =>
            {
                entered.SetResult();
                cancellationToken.WaitHandle.WaitOne(TimeSpan.FromSeconds(30));
                throw new IOException("The connection broke.");
            },
            new ToolOptions { Name = "fragile" });
        await using var engine = new TestEngine(new Agent { Tools = [fragile] });
        engine.Model.AnswerWithCall("fragile");
        var runId = await engine.StartAsync();
        await entered.Task.Within();

        await engine.Host.CancelAsync(runId, Patience.Token);

        Assert.Equal(RunStatus.Cancelled, (await engine.WaitAsync(runId)).Status);
    }

    [Fact]
    public async Task A_model_that_breaks_when_it_is_stopped_does_not_turn_the_cancellation_into_a_failure()
    {
        await using var engine = new TestEngine(new Agent { Model = Cluster.Engine.Models.ModelSource.From(new FragileChatClient()) });
        var runId = await engine.StartAsync();
        await engine.Host.ReadEventsAsync(runId, afterIndex: 1, Patience.Token).FirstAsync(Patience.Token);

        await engine.Host.CancelAsync(runId, Patience.Token);

        Assert.Equal(RunStatus.Cancelled, (await engine.WaitAsync(runId)).Status);
    }

    [Fact]
    public async Task Cancelling_twice_is_cancelling_once()
    {
        await using var engine = new TestEngine(new Agent());
        var runId = await engine.StartAsync();
        await engine.Model.NextCallAsync();

        await Task.WhenAll(engine.Host.CancelAsync(runId, Patience.Token), engine.Host.CancelAsync(runId, Patience.Token));
        await engine.WaitAsync(runId);

        Assert.Single((await engine.LogAsync(runId)).OfType<CancelRequested>());
    }

    [Fact]
    public async Task A_run_that_has_ended_stays_as_it_is()
    {
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer("done");
        var run = await engine.RunAsync();

        await engine.Host.CancelAsync(run.RunId, Patience.Token);

        Assert.Equal(RunStatus.Completed, (await engine.Host.FindAsync(run.RunId, Patience.Token))!.Output.Status);
        Assert.Empty((await engine.LogAsync(run.RunId)).OfType<CancelRequested>());
    }

    [Fact]
    public async Task Cancelling_an_unknown_run_does_nothing()
    {
        await using var engine = new TestEngine(new Agent());

        await engine.Host.CancelAsync("nobody", Patience.Token);

        Assert.Null(await engine.Host.FindAsync("nobody", Patience.Token));
    }

    [Fact]
    public async Task A_run_that_was_cancelled_before_it_was_started_ends_without_asking_the_model()
    {
        await using var engine = new TestEngine(new Agent());
        var request = engine.NewRequest();

        await engine.Host.CancelAsync(request.RunId, Patience.Token);
        var run = await engine.RunAsync(request);

        Assert.Equal((RunStatus.Cancelled, $"Run {request.RunId} was cancelled"), (run.Status, run.Content?.Text));
        Assert.Empty(engine.Model.Calls);
        Assert.Single((await engine.LogAsync(request.RunId)).OfType<CancelRequested>());
    }

    [Fact]
    public async Task A_wish_to_cancel_a_run_that_is_not_there_is_forgotten_after_two_minutes()
    {
        var time = new ManualTime();
        await using var engine = new TestEngine(new Agent(), time: time);
        engine.Model.Answer("done");
        var request = engine.NewRequest();
        await engine.Host.CancelAsync(request.RunId, Patience.Token);

        time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal("done", (await engine.RunAsync(request)).Content?.Text);
    }

    [Fact]
    public async Task A_tool_that_listens_is_told_at_once_and_its_outcome_is_not_recorded()
    {
        var entered = new TaskCompletionSource();
        var left = new TaskCompletionSource();
        var listening = Tool.Create(
            async (CancellationToken cancellationToken) =>
            {
                entered.SetResult();
                await using var registration = cancellationToken.Register(left.SetResult);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                return "never";
            },
            new ToolOptions { Name = "listening" });
        await using var engine = new TestEngine(new Agent { Tools = [listening] });
        engine.Model.AnswerWithCall("listening");
        var runId = await engine.StartAsync();
        await entered.Task.Within();

        await engine.Host.CancelAsync(runId, Patience.Token);
        await left.Task.Within();

        Assert.Equal(RunStatus.Cancelled, (await engine.WaitAsync(runId)).Status);
        Assert.Empty((await engine.LogAsync(runId)).OfType<ToolCallSettled>());
    }

    [Fact]
    public async Task The_next_run_does_not_see_what_a_cancelled_one_said()
    {
        await using var engine = new TestEngine(new Agent { History = new HistorySettings { AddToContext = true } });
        var cancelled = await engine.StartAsync("one");
        (await engine.Model.NextCallAsync()).Say("half");
        await engine.Host.CancelAsync(cancelled, Patience.Token);
        await engine.WaitAsync(cancelled);
        engine.Model.Answer("fine");

        await engine.RunAsync("two");

        Assert.Equal(["user: two"], engine.Model.Calls[^1].Texts);
    }
}
