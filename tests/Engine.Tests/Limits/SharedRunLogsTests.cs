using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Limits;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Microsoft.Extensions.Options;

namespace Cluster.Engine.Tests.Limits;

public sealed class SharedRunLogsTests
{
    private const long MiB = 1024 * 1024;

    [Fact]
    public async Task A_log_is_read_once_for_all_who_ask_before_it_is_read_and_who_come_while_somebody_has_it()
    {
        await using var engine = NewEngine();
        var runId = await RunAsync(engine);
        var log = new GatedLog(engine.Store) { Bytes = MiB };
        var logs = NewLogs(log, engine);

        var opening = Enumerable.Range(0, 20).Select(_ => logs.OpenAsync(runId, Patience.Token)).ToArray();
        log.Open();
        var opened = await Task.WhenAll(opening);
        using var late = await logs.OpenAsync(runId, Patience.Token);

        Assert.Equal(1, log.Readings);
        Assert.Equal(3 * MiB, logs.Bytes);
        Assert.All(opened, one => Assert.IsType<RunCompleted>(one!.Events.Last()));
        Array.ForEach(opened, one => one!.Dispose());
        late!.Dispose();
        Assert.Equal(0, logs.Bytes);
    }

    [Fact]
    public async Task A_log_to_which_more_can_be_appended_is_read_again_for_who_comes_later()
    {
        await using var engine = NewEngine();
        var runId = await engine.StartAsync();
        await engine.Host.ReadEventsAsync(runId, -1, Patience.Token).FirstAsync(Patience.Token);
        var log = new GatedLog(engine.Store);
        log.Open();
        var logs = NewLogs(log, engine);
        using var early = await logs.OpenAsync(runId, Patience.Token);
        (await engine.Model.NextCallAsync()).Say("a").End();
        await engine.WaitAsync(runId);

        using var late = await logs.OpenAsync(runId, Patience.Token);

        Assert.Equal(2, log.Readings);
        Assert.IsNotType<RunCompleted>(early!.Events.LastOrDefault());
        Assert.IsType<RunCompleted>(late!.Events.Last());
    }

    [Fact]
    public async Task Who_comes_when_the_limit_is_reached_waits_until_somebody_leaves()
    {
        await using var engine = NewEngine();
        var (first, second) = (await RunAsync(engine), await RunAsync(engine));
        var log = new GatedLog(engine.Store) { Bytes = 10 * MiB };
        log.Open();
        var logs = NewLogs(log, engine);
        var held = await logs.OpenAsync(first, Patience.Token);

        var waiting = logs.OpenAsync(second, Patience.Token);

        using (var shared = await logs.OpenAsync(first, Patience.Token))
        {
            Assert.NotNull(shared);
        }

        Assert.False(waiting.IsCompleted);
        held!.Dispose();
        using var opened = await waiting;
        Assert.NotNull(opened);
    }

    [Fact]
    public async Task Who_waits_for_too_long_is_refused_and_may_come_again()
    {
        await using var engine = NewEngine();
        var (first, second) = (await RunAsync(engine), await RunAsync(engine));
        var log = new GatedLog(engine.Store) { Bytes = 10 * MiB };
        log.Open();
        var time = new ManualTime();
        var logs = NewLogs(log, engine, time);
        var held = await logs.OpenAsync(first, Patience.Token);
        var waiting = logs.OpenAsync(second, Patience.Token);
        await time.NextWaitAsync();

        time.Advance(TimeSpan.FromSeconds(11));

        var refusal = await Assert.ThrowsAsync<UnavailableException>(() => waiting);
        Assert.True(refusal.IsForCallers);
        held!.Dispose();
        using var opened = await logs.OpenAsync(second, Patience.Token);
        Assert.NotNull(opened);
    }

    [Fact]
    public async Task Who_gives_up_waiting_holds_nothing()
    {
        await using var engine = NewEngine();
        var runId = await RunAsync(engine);
        var log = new GatedLog(engine.Store) { Bytes = MiB };
        var logs = NewLogs(log, engine);
        using var leaving = new CancellationTokenSource();
        var gone = logs.OpenAsync(runId, leaving.Token);
        var staying = logs.OpenAsync(runId, Patience.Token);

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        log.Open();
        (await staying)!.Dispose();

        // The share of the one who left is given back in the background.
        for (var patience = Patience.Token; logs.Bytes > 0; patience.ThrowIfCancellationRequested())
        {
            await Task.Yield();
        }
    }

    [Fact]
    public async Task A_run_that_is_not_there_has_no_log()
    {
        await using var engine = NewEngine();
        var log = new GatedLog(engine.Store);
        log.Open();

        Assert.Null(await NewLogs(log, engine).OpenAsync("nobody", Patience.Token));
    }

    private static TestEngine NewEngine() => new(new Agent { Id = "agent", Name = "Agent" });

    private static SharedRunLogs NewLogs(GatedLog log, TestEngine engine, TimeProvider? time = null) =>
        new(log, engine.Store, Options.Create(new MemoryOptions { LogBytes = 20 * MiB }), time ?? TimeProvider.System);

    private static async Task<string> RunAsync(TestEngine engine)
    {
        engine.Model.Answer("a");
        return (await engine.RunAsync()).RunId;
    }
}
