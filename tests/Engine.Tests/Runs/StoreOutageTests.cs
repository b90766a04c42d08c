using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Storage;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Runs;

public sealed class StoreOutageTests
{
    private static readonly Agent Worker = new() { Tools = [Tool.Create(() => "worked", new ToolOptions { Name = "work" })] };

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_log_that_is_away_for_every_second_append_neither_loses_nor_repeats_an_event(bool before, bool after)
    {
        var store = new MemoryStore();
        var time = new ManualTime();
        var log = new UnreliableLog(store) { BreaksBefore = number => before && number % 2 == 1, BreaksAfter = number => after && (number % 2 == 0 || !before) };
        await using var engine = new TestEngine(Worker, store, time, log: log);
        engine.Model.AnswerWithCall("work", id: "c1").Answer("done");
        var runId = await engine.StartAsync();
        var running = engine.WaitAsync(runId);

        await PassTimeAsync(time, running);

        Assert.Equal("done", (await running).Content?.Text);
        Assert.Equal(
            "RunAccepted RunStarted PromptAssembled ModelRequestStarted ModelResponded ModelRequestCompleted ToolCallStarted ToolCallSettled ToolCallCompleted " +
            "ModelRequestStarted ModelResponded ModelRequestCompleted RunContentCompleted RunCompleted",
            (await engine.LogAsync(runId)).Order());
        Assert.Equal(log.Appends > 3, before);
    }

    [Fact]
    public async Task The_pause_between_tries_grows_to_five_seconds()
    {
        var store = new MemoryStore();
        var time = new ManualTime();
        await using var engine = new TestEngine(new Agent(), store, time, log: new UnreliableLog(store) { BreaksBefore = number => number <= 8 });
        engine.Model.Answer("done");
        var runId = await engine.StartAsync();

        foreach (var milliseconds in new[] { 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000 })
        {
            var pause = await time.NextWaitAsync();
            Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), pause);
            time.Advance(pause);
        }

        Assert.Equal("done", (await engine.WaitAsync(runId)).Content?.Text);
    }

    [Fact]
    public async Task A_run_whose_log_is_away_can_be_left_to_the_next_host()
    {
        var store = new MemoryStore();
        await using var engine = new TestEngine(new Agent(), store, new ManualTime(), log: new UnreliableLog(store) { BreaksBefore = _ => true });
        engine.Model.Answer("lost");
        var runId = await engine.StartAsync();
        await ((ManualTime)engine.Time).NextWaitAsync();

        await engine.Host.StopAsync(Patience.Token);

        await using var next = engine.Successor();
        next.Model.Answer("kept");
        await next.Host.RecoverAsync(Patience.Token);
        Assert.Equal("kept", (await next.WaitAsync(runId)).Content?.Text);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Sessions_and_records_that_are_away_delay_the_run_and_repeat_nothing(int breaks)
    {
        var store = new MemoryStore();
        var time = new ManualTime();
        var agent = new Agent { History = new HistorySettings { AddToContext = true } };
        await store.CreateAsync(new SessionRecord { SessionId = TestEngine.SessionId, Metrics = RunMetrics.None }, Patience.Token);
        await using var engine = new TestEngine(agent, store, time, reads: new UnreliableStore(store, store, breaks));
        engine.Model.Answer("done");
        var runId = await engine.StartAsync();
        var running = engine.WaitAsync(runId);

        await PassTimeAsync(time, running);

        Assert.Equal("done", (await running).Content?.Text);
        Assert.Equal("RunStarted ModelRequestStarted RunContent ModelRequestCompleted RunContentCompleted RunCompleted", (await engine.EventsAsync(runId)).Order());
    }

    [Fact]
    public async Task A_run_that_opens_its_session_reads_nothing_of_it()
    {
        var store = new MemoryStore();
        var agent = new Agent { History = new HistorySettings { AddToContext = true }, SessionState = new SessionStateSettings { Initial = JsonElement.Parse("""{"a":1}""") } };
        await using var engine = new TestEngine(agent, store, reads: new UnreliableStore(store, store, breaks: int.MaxValue));
        engine.Model.Answer("done");

        var run = await engine.RunAsync();

        Assert.Equal(("done", """{"a":1}"""), (run.Content?.Text, run.SessionState?.GetRawText()));
    }

    [Theory]
    [InlineData(TestEngine.SessionId)]
    [InlineData("another")]
    public async Task A_run_whose_acceptance_was_stored_but_not_confirmed_works_when_the_request_is_repeated(string sessionId)
    {
        var store = new MemoryStore();
        await using var engine = new TestEngine(new Agent(), store, log: new UnreliableLog(store) { LosesAcceptance = true });
        engine.Model.Answer("done");
        var request = engine.NewRequest() with { IdempotencyKey = "key" };
        await Assert.ThrowsAsync<UnavailableException>(() => engine.Host.StartAsync(request, Patience.Token));

        var run = await engine.RunAsync(request with { RunId = Guid.NewGuid().ToString(), SessionId = sessionId });

        Assert.Equal((request.RunId, "done"), (run.RunId, run.Content?.Text));
        Assert.Single(engine.Model.Calls);
    }

    [Fact]
    public async Task One_who_cancels_while_the_log_is_away_can_stop_waiting_and_the_wish_stands()
    {
        var store = new MemoryStore();
        var time = new ManualTime();
        var log = new UnreliableLog(store);
        await using var engine = new TestEngine(new Agent(), store, time, log: log);
        var runId = await engine.StartAsync();
        await engine.Model.NextCallAsync();
        log.BreaksBefore = _ => true;
        using var leaving = new CancellationTokenSource();
        var cancelling = engine.Host.CancelAsync(runId, leaving.Token);
        var pause = await time.NextWaitAsync();

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelling.Within());
        log.BreaksBefore = _ => false;
        time.Advance(pause);
        Assert.Equal(RunStatus.Cancelled, (await engine.WaitAsync(runId)).Status);
    }

    [Fact]
    public async Task One_who_answers_while_the_log_is_away_can_stop_waiting_and_the_answer_stands()
    {
        var store = new MemoryStore();
        var time = new ManualTime();
        var log = new UnreliableLog(store);
        var ask = Tool.Create(() => "worked", new ToolOptions { Name = "work", RequiresConfirmation = true });
        await using var engine = new TestEngine(new Agent { Tools = [ask] }, store, time, log: log);
        engine.Model.AnswerWithCall("work").Answer("done");
        var paused = await engine.RunAsync();
        log.BreaksBefore = _ => true;
        using var leaving = new CancellationTokenSource();
        var answer = paused.Tools!.Value[0] with { Confirmed = true };
        var continuing = engine.Host.ContinueAsync(new RunContinuation(paused.RunId, [answer]), leaving.Token);
        var pause = await time.NextWaitAsync();

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => continuing.Within());
        log.BreaksBefore = _ => false;
        time.Advance(pause);
        await Assert.ThrowsAsync<ConflictException>(() => engine.ContinueAsync(paused.RunId, answer));
        Assert.Equal("done", (await engine.WaitAsync(paused.RunId)).Content?.Text);
    }

    /// <summary>Lets time pass whenever somebody waits for it, until a task has ended.</summary>
    private static async Task PassTimeAsync(ManualTime time, Task until)
    {
        while (!until.IsCompleted)
        {
            var waiting = time.NextWaitAsync();
            if (await Task.WhenAny(waiting, until) == waiting)
            {
                time.Advance(await waiting);
            }
        }
    }
}
