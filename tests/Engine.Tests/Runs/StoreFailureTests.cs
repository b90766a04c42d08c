using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Storage;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Runs;

/// <summary>Failures of the store that trying again does not mend.</summary>
public sealed class StoreFailureTests
{
    private static readonly Agent Careful = new() { Tools = [Tool.Create(() => "worked", new ToolOptions { Name = "work", RequiresConfirmation = true })] };

    [Fact]
    public async Task Readers_and_waiters_of_a_run_that_cannot_be_recorded_are_let_go()
    {
        var store = new MemoryStore();
        await using var engine = new TestEngine(new Agent(), store, log: new UnreliableLog(store) { Fails = _ => true });
        var runId = await engine.StartAsync();
        var (reading, waiting) = (engine.EventsAsync(runId), engine.WaitAsync(runId));
        (await engine.Model.NextCallAsync()).Say("lost").End();

        Assert.DoesNotContain("RunCompleted", (await reading.Within()).Names());
        var refusal = await Assert.ThrowsAsync<UnavailableException>(() => waiting.Within());
        Assert.Equal($"Run {runId} is unfinished and nobody here works on it. Look it up by its id later.", refusal.Message);
    }

    [Fact]
    public async Task A_run_behind_one_that_cannot_be_recorded_has_its_turn()
    {
        var store = new MemoryStore();
        var log = new UnreliableLog(store);
        await using var engine = new TestEngine(new Agent(), store, log: log);
        var request = engine.NewRequest("one");
        log.Fails = runId => runId == request.RunId;
        engine.Model.Otherwise = call => call.Say(call.Input).End();
        var first = await engine.Host.StartAsync(request, Patience.Token);
        var second = await engine.StartAsync("two");

        Assert.Equal("two", (await engine.WaitAsync(second)).Content?.Text);
        await Assert.ThrowsAsync<UnavailableException>(() => engine.WaitAsync(first));
    }

    [Fact]
    public async Task A_host_stops_quietly_and_its_successor_takes_the_run_up()
    {
        var store = new MemoryStore();
        await using var engine = new TestEngine(new Agent(), store, log: new UnreliableLog(store) { Fails = _ => true });
        engine.Model.Otherwise = call => call.Say("kept").End();
        var runId = await engine.StartAsync();
        await Assert.ThrowsAsync<UnavailableException>(() => engine.WaitAsync(runId));

        await engine.Host.StopAsync(Patience.Token);
        await using var next = engine.Successor();
        await next.Host.RecoverAsync(Patience.Token);

        Assert.Equal("kept", (await next.WaitAsync(runId)).Content?.Text);
    }

    [Fact]
    public async Task Answers_that_cannot_be_recorded_leave_the_run_paused_for_another_try()
    {
        var store = new MemoryStore();
        var log = new UnreliableLog(store);
        await using var engine = new TestEngine(Careful, store, log: log);
        engine.Model.AnswerWithCall("work").Answer("done");
        var paused = await engine.RunAsync();
        log.Fails = _ => true;
        var answer = paused.Tools!.Value[0] with { Confirmed = true };
        await Assert.ThrowsAsync<UnavailableException>(() => engine.ContinueAsync(paused.RunId, answer));
        log.Fails = _ => false;

        Assert.Equal("done", (await engine.ContinueAsync(paused.RunId, answer)).Content?.Text);
    }

    [Fact]
    public async Task One_who_cancels_a_run_is_told_that_the_wish_cannot_be_recorded()
    {
        var store = new MemoryStore();
        var log = new UnreliableLog(store);
        await using var engine = new TestEngine(new Agent(), store, log: log);
        var runId = await engine.StartAsync();
        var call = await engine.Model.NextCallAsync();
        log.Fails = _ => true;

        await Assert.ThrowsAsync<UnavailableException>(() => engine.Host.CancelAsync(runId, Patience.Token));

        await call.Stopped.Within();
        await Assert.ThrowsAsync<UnavailableException>(() => engine.WaitAsync(runId));
    }

    [Theory]
    [InlineData(true, TestEngine.SessionId)]
    [InlineData(true, "another")]
    [InlineData(false, TestEngine.SessionId)]
    [InlineData(false, "another")]
    public async Task A_run_that_cannot_be_taken_over_keeps_no_other_from_it(bool isUnreadable, string sessionId)
    {
        var store = new MemoryStore();
        await using var engine = new TestEngine(new Agent(), store);
        var lost = await engine.StartAsync("lost");
        var kept = await engine.StartAsync("kept", sessionId);
        await engine.Model.NextCallAsync();
        await engine.Host.StopAsync(Patience.Token);
        var log = new UnreliableLog(store) { IsUnreadable = runId => isUnreadable && runId == lost, Fails = runId => runId == lost };
        await using var next = new TestEngine(new Agent(), store, log: log);
        next.Model.Otherwise = call => call.Say(call.Input).End();

        Assert.Equal(1, await next.Host.RecoverAsync(Patience.Token));

        Assert.Equal("kept", (await next.WaitAsync(kept)).Content?.Text);
        await Assert.ThrowsAsync<UnavailableException>(() => next.WaitAsync(lost));
    }
}
