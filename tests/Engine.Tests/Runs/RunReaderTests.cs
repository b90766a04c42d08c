using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;

namespace Cluster.Engine.Tests.Runs;

public sealed class RunReaderTests
{
    private const string Whole = "RunStarted ModelRequestStarted RunContent ModelRequestCompleted RunContentCompleted RunCompleted";

    [Fact]
    public async Task A_late_reader_sees_everything_and_goes_on_with_what_follows()
    {
        await using var engine = new TestEngine(new Agent());
        var runId = await engine.StartAsync();
        var call = await engine.Model.NextCallAsync();
        call.Say("a", "b");
        await AtAsync(engine, runId, index: 3);

        var late = engine.EventsAsync(runId);
        call.Say("c").End();

        Assert.Equal(Whole, (await late).Order());
        Assert.Equal("abc", (await late).Text());
    }

    [Fact]
    public async Task Two_readers_see_the_same_events()
    {
        await using var engine = new TestEngine(new Agent());
        var runId = await engine.StartAsync();
        var readers = new[] { engine.EventsAsync(runId), engine.EventsAsync(runId) };

        (await engine.Model.NextCallAsync()).Say("a", "b", "c").End();

        var seen = await Task.WhenAll(readers);
        Assert.Equal(seen[0], seen[1]);
        Builders.AssertGapless(seen[0]);
    }

    [Fact]
    public async Task A_reader_that_leaves_stops_nothing()
    {
        await using var engine = new TestEngine(new Agent());
        var runId = await engine.StartAsync();
        var call = await engine.Model.NextCallAsync();
        using var leaving = new CancellationTokenSource();
        var reader = engine.Host.ReadEventsAsync(runId, cancellationToken: leaving.Token).ToListAsync(CancellationToken.None).AsTask();

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader.Within());
        call.Say("on").End();

        Assert.Equal("on", (await engine.WaitAsync(runId)).Content?.Text);
    }

    [Theory]
    [InlineData(-1, 7)]
    [InlineData(0, 6)]
    [InlineData(3, 3)]
    [InlineData(6, 0)]
    public async Task A_reader_resumes_after_the_last_index_that_it_has(long afterIndex, int left)
    {
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer("a", "b");
        var all = await engine.StreamAsync();
        var runId = ((RunCompleted)all[^1]).RunId!;

        var resumed = await engine.EventsAsync(runId, afterIndex);

        Assert.Equal(7, all.Count);
        Assert.Equal(all[^left..], resumed);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(1_000)]
    [InlineData(long.MaxValue)]
    public async Task A_reader_beyond_the_end_gets_the_last_event_only(long afterIndex)
    {
        await using var engine = new TestEngine(new Agent());
        var runId = await engine.StartAsync();
        var reader = engine.EventsAsync(runId, afterIndex);

        (await engine.Model.NextCallAsync()).Say("a", "b").End();

        Assert.IsType<RunCompleted>(Assert.Single(await reader));
    }

    [Fact]
    public async Task A_run_of_an_earlier_process_is_read_from_its_log_as_it_was_streamed()
    {
        await using var engine = new TestEngine(new Agent(), time: new ManualTime());
        engine.Model.Answer("a", "b");
        var live = await engine.StreamAsync();
        await using var later = engine.Successor();

        var stored = await later.EventsAsync(((RunCompleted)live[^1]).RunId!);

        Assert.Equal(live.Select(Json.Frames.Write), stored.Select(Json.Frames.Write));
    }

    [Fact]
    public async Task Waiting_ends_with_the_run()
    {
        await using var engine = new TestEngine(new Agent());
        var runId = await engine.StartAsync();
        var waiting = engine.WaitAsync(runId);
        var call = await engine.Model.NextCallAsync();

        Assert.False(waiting.IsCompleted);
        call.Say("done").End();

        Assert.Equal("done", (await waiting).Content?.Text);
    }

    [Fact]
    public async Task One_who_stops_waiting_stops_nothing()
    {
        await using var engine = new TestEngine(new Agent());
        var runId = await engine.StartAsync();
        using var leaving = new CancellationTokenSource();
        var waiting = engine.Host.WaitAsync(runId, leaving.Token);

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        (await engine.Model.NextCallAsync()).Say("done").End();

        Assert.Equal("done", (await engine.WaitAsync(runId)).Content?.Text);
    }

    [Fact]
    public async Task A_live_run_is_found_with_its_status_and_event_count()
    {
        await using var engine = new TestEngine(new Agent());
        var runId = await engine.StartAsync();
        var call = await engine.Model.NextCallAsync();
        call.Say("a");
        await AtAsync(engine, runId, index: 2);

        var snapshot = await engine.Host.FindAsync(runId, Patience.Token);

        Assert.True(snapshot!.IsLive);
        Assert.Equal(RunStatus.Running, snapshot.Output.Status);
        Assert.Equal(3, snapshot.EventCount);
        call.End();
    }

    [Fact]
    public async Task A_finished_run_is_found_as_it_was_recorded()
    {
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer("a");
        var run = await engine.RunAsync(engine.NewRequest() with { Streamed = true });

        var snapshot = await engine.Host.FindAsync(run.RunId, Patience.Token);

        Assert.False(snapshot!.IsLive);
        Assert.True(snapshot.Streamed);
        Assert.Null(snapshot.EventCount);
        Assert.Equal("a", snapshot.Output.Content?.Text);
    }

    [Fact]
    public async Task An_unknown_run_is_not_found()
    {
        await using var engine = new TestEngine(new Agent());

        Assert.Null(await engine.Host.FindAsync("nobody", Patience.Token));
        await Assert.ThrowsAsync<NotFoundException>(() => engine.EventsAsync("nobody"));
        await Assert.ThrowsAsync<NotFoundException>(() => engine.WaitAsync("nobody"));
        await Assert.ThrowsAsync<NotFoundException>(() => engine.Host.ContinueAsync(new RunContinuation("nobody", null), Patience.Token));
    }

    /// <summary>Waits until a run has shown the event with an index.</summary>
    private static async Task AtAsync(TestEngine engine, string runId, long index) =>
        await engine.Host.ReadEventsAsync(runId, index - 1, Patience.Token).FirstAsync(Patience.Token);
}
