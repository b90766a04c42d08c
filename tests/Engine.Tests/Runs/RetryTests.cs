using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Storage;
using Cluster.Engine.Tests.Testing;

namespace Cluster.Engine.Tests.Runs;

/// <summary>Runs that could not be recorded: they are tried again, longer and longer apart, and say at last why they ended.</summary>
public sealed class RetryTests
{
    private readonly MemoryStore _store = new();
    private readonly ManualTime _time = new();
    private readonly UnreliableLog _log;

    public RetryTests() => _log = new UnreliableLog(_store);

    [Fact]
    public async Task A_run_that_could_not_be_recorded_goes_on_in_the_same_process()
    {
        await using var engine = NewEngine();
        _log.Fails = _ => true;
        var runId = await FailAsync(engine);

        var early = await engine.Host.RetryAsync(Patience.Token);
        _log.Fails = _ => false;
        _time.Advance(TimeSpan.FromSeconds(2));
        var retried = await engine.Host.RetryAsync(Patience.Token);

        Assert.Equal((0, 1), (early, retried));
        Assert.Equal("kept", (await engine.WaitAsync(runId)).Content?.Text);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, await engine.Host.RetryAsync(Patience.Token));
    }

    [Fact]
    public async Task Runs_that_wait_for_another_try_hold_up_nobody_of_their_session()
    {
        await using var engine = NewEngine();
        var request = engine.NewRequest();
        _log.Fails = runId => runId == request.RunId;
        await engine.Host.StartAsync(request, Patience.Token);

        Assert.Equal("kept", (await engine.RunAsync("two")).Content?.Text);
    }

    [Fact]
    public async Task Tries_come_further_and_further_apart_and_end_with_an_error_of_the_run()
    {
        await using var engine = NewEngine();
        _log.Fails = _ => true;
        var runId = await FailAsync(engine);
        var pauses = new List<int>();
        while (pauses.Count < RunAttempts.Most - 1)
        {
            var waited = 0;
            for (; await engine.Host.RetryAsync(Patience.Token) == 0 && _log.Failures == pauses.Count + 1; waited++)
            {
                _time.Advance(TimeSpan.FromSeconds(1));
            }

            pauses.Add(waited);
        }

        Assert.Equal([2, 4, 8, 16, 32, 64, 128, 256, 300], pauses);
        _log.Fails = _ => false;
        _time.Advance(TimeSpan.FromMinutes(5));
        await engine.Host.RetryAsync(Patience.Token);
        var run = await engine.WaitAsync(runId);

        Assert.Equal(RunStatus.Error, run.Status);
        Assert.StartsWith("The run was given up after 10 tries, because it could not be recorded: the store failed (InvalidDataException)", run.Content?.Text, StringComparison.Ordinal);
        var error = Assert.IsType<RunError>((await engine.EventsAsync(runId))[^1]);
        Assert.Equal("RunGivenUp", error.ErrorType);
    }

    [Fact]
    public async Task What_no_store_can_take_ends_the_run_with_the_next_try()
    {
        await using var engine = NewEngine();
        _log.Refuses = _ => true;
        var runId = await FailAsync(engine);
        _log.Refuses = _ => false;
        _time.Advance(TimeSpan.FromSeconds(2));

        await engine.Host.RetryAsync(Patience.Token);

        var run = await engine.WaitAsync(runId);
        Assert.Equal((RunStatus.Error, "The run was given up after 1 try, because it could not be recorded: A value is too long for the store. What it did until then is kept; start it anew."), (run.Status, run.Content?.Text));
    }

    [Fact]
    public async Task A_run_that_was_deleted_with_its_session_is_not_tried_again()
    {
        await using var engine = NewEngine();
        _log.Fails = _ => true;
        await FailAsync(engine);
        await _store.DeleteAsync([TestEngine.SessionId], userId: null, Patience.Token);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(0, await engine.Host.RetryAsync(Patience.Token));
    }

    private TestEngine NewEngine()
    {
        var engine = new TestEngine(new Agent(), _store, _time, log: _log);
        engine.Model.Otherwise = call => call.Say("kept").End();
        return engine;
    }

    private static async Task<string> FailAsync(TestEngine engine)
    {
        var runId = await engine.StartAsync();
        await Assert.ThrowsAsync<UnavailableException>(() => engine.WaitAsync(runId));
        return runId;
    }
}
