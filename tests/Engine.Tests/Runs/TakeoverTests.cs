using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Storage;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Runs;

public sealed class TakeoverTests
{
    [Fact]
    public async Task A_takeover_is_on_record_before_the_successor_does_anything()
    {
        var store = new MemoryStore();
        var (engine, record) = await AbandonAsync(store);

        await RunOwner.TakeOverAsync(engine.Services, record, Patience.Token);

        var log = (await store.ReadAsync(record.Events.RunId(), Patience.Token))!;
        Assert.Equal(2, log.Generation);
        Assert.IsType<RunTakenOver>(log.Events[^1]);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task Of_two_successors_with_the_same_generation_the_slower_one_is_refused()
    {
        var store = new MemoryStore();
        var (engine, record) = await AbandonAsync(store);
        await RunOwner.TakeOverAsync(engine.Services, record, Patience.Token);

        await Assert.ThrowsAsync<FencedException>(() => RunOwner.TakeOverAsync(engine.Services, record, Patience.Token));

        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_successor_whose_takeover_was_lost_does_not_take_that_of_another_for_its_own()
    {
        var store = new MemoryStore();
        var time = new ManualTime();
        var (engine, record) = await AbandonAsync(store, time);
        var unlucky = RunOwner.TakeOverAsync(engine.Services with { Log = new UnreliableLog(store) { BreaksBefore = number => number == 1 } }, record, Patience.Token);
        var pause = await time.NextWaitAsync();
        var lucky = await RunOwner.TakeOverAsync(engine.Services, record, Patience.Token);

        time.Advance(pause);

        await Assert.ThrowsAsync<FencedException>(() => unlucky.Within());
        Assert.Equal(record.Events.Length + 1, (await store.ReadAsync(record.Events.RunId(), Patience.Token))!.Events.Length);
        Assert.False(lucky.IsLost);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task An_owner_whose_append_was_lost_does_not_take_that_of_another_for_its_own()
    {
        var store = new MemoryStore();
        var time = new ManualTime();
        var (engine, record) = await AbandonAsync(store, time);
        var log = new UnreliableLog(store) { BreaksBefore = number => number == 2 };
        var owner = await RunOwner.TakeOverAsync(engine.Services with { Log = log }, record, Patience.Token);
        var cancelling = owner.CancelAsync();
        var pause = await time.NextWaitAsync();
        await store.AppendAsync(new RunAppend
        {
            RunId = record.Events.RunId(),
            Generation = 2,
            Position = record.Events.Length + 1,
            Events = [new AttemptFailed("somebody else's", 1)],
        }, Patience.Token);

        time.Advance(pause);

        await cancelling.Within();
        Assert.True(owner.IsLost);
        Assert.IsType<AttemptFailed>((await store.ReadAsync(record.Events.RunId(), Patience.Token))!.Events[^1]);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_takeover_whose_answer_was_lost_is_not_repeated()
    {
        var store = new MemoryStore();
        var time = new ManualTime();
        var (engine, record) = await AbandonAsync(store, time);
        var taking = RunOwner.TakeOverAsync(engine.Services with { Log = new UnreliableLog(store) { BreaksAfter = number => number == 1 } }, record, Patience.Token);

        time.Advance(await time.NextWaitAsync());

        Assert.False((await taking.Within()).IsLost);
        Assert.Equal(record.Events.Length + 1, (await store.ReadAsync(record.Events.RunId(), Patience.Token))!.Events.Length);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task Taking_over_a_paused_run_changes_neither_its_record_nor_its_session()
    {
        var ask = Tool.Create(() => "yes", new ToolOptions { Name = "ask", RequiresConfirmation = true });
        await using var engine = new TestEngine(new Agent { Tools = [ask] });
        engine.Model.AnswerWithCall("ask");
        var paused = await engine.RunAsync();
        await engine.Store.UpdateAsync(TestEngine.SessionId, new() { SessionState = Builders.Json("""{"kept":true}"""), UpdatedAt = 1 }, Patience.Token);

        await RunOwner.TakeOverAsync(engine.Services, (await engine.Store.ReadAsync(paused.RunId, Patience.Token))!, Patience.Token);

        var session = (await engine.Store.FindAsync(TestEngine.SessionId, Patience.Token))!;
        Assert.Equal(("""{"kept":true}""", 1), (session.SessionState.ToString(), session.UpdatedAt));
    }

    /// <summary>Leaves a run to whoever takes it over.</summary>
    private static async Task<(TestEngine Engine, RunLogRecord Record)> AbandonAsync(MemoryStore store, ManualTime? time = null)
    {
        var engine = new TestEngine(new Agent(), store, time ?? new ManualTime());
        var runId = await engine.StartAsync();
        await engine.Model.NextCallAsync();
        await engine.Host.StopAsync(Patience.Token);
        return (engine, (await store.ReadAsync(runId, Patience.Token))!);
    }
}
