using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Storage.Tests.Conformance;

/// <summary>What every store does when many work with it at once.</summary>
public abstract class ConcurrencyConformance
{
    private const int Runs = 200;
    private const int Sessions = 20;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Concurrent_runs_lose_nothing()
    {
        await using var store = await OpenAsync();

        await Parallel.ForAsync(0, Runs, Many, async (index, cancellationToken) =>
        {
            await store.Log.AcceptAsync(Samples.Accept($"r{index}", SessionOf(index)), cancellationToken);
            await store.Log.AppendAsync(Samples.Append($"r{index}", 1, Samples.Event("a")), cancellationToken);
            await store.Log.AppendAsync(
                Samples.Append($"r{index}", 2, Samples.Event("b")) with { Output = Samples.Output($"r{index}", RunStatus.Completed, SessionOf(index)) },
                cancellationToken);
        });

        var sequences = new HashSet<long>();
        for (var session = 0; session < Sessions; session++)
        {
            var runs = await store.Records.ListAsync(new RunQuery(SessionOf(session)), Stop);
            Assert.Equal(Runs / Sessions, runs.Length);
            Assert.All(runs, run => Assert.Equal(RunStatus.Completed, run.Output.Status));
            Assert.Equal(runs.OrderBy(run => run.Sequence), runs);
            sequences.UnionWith(runs.Select(run => run.Sequence));
        }

        Assert.Equal(Runs, sequences.Count);
        Assert.Equal(3, (await store.Log.ReadAsync("r199", Stop))?.Events.Length);
        Assert.Empty(await store.Log.ListUnfinishedAsync(cancellationToken: Stop));
    }

    [Fact]
    public async Task Of_two_owners_that_append_at_the_same_position_exactly_one_wins()
    {
        await using var store = await OpenAsync();
        await store.Log.AcceptAsync(Samples.Accept("r1"), Stop);

        for (var position = 1; position <= 25; position++)
        {
            var won = await Task.WhenAll(Enumerable.Range(0, 4).Select(owner => TryAppendAsync(store, Samples.Append("r1", position, Samples.Event($"{owner}")))));

            var winner = Assert.Single(won.Index(), outcome => outcome.Item).Index;
            Assert.Equal(Samples.Event($"{winner}"), (await store.Log.ReadAsync("r1", Stop))!.Events[^1]);
        }

        Assert.Equal(26, (await store.Log.ReadAsync("r1", Stop))?.Events.Length);
    }

    [Fact]
    public async Task Of_many_runs_with_one_idempotency_key_exactly_one_is_accepted()
    {
        await using var store = await OpenAsync();

        var accepted = await Task.WhenAll(Enumerable.Range(0, 20).Select(index => Task.Run(
            () => store.Log.AcceptAsync(Samples.Accept(Samples.Request($"r{index}") with { IdempotencyKey = "k" }), Stop), Stop)));

        var winner = Assert.Single(accepted, run => run.IsNew);
        Assert.All(accepted, run => Assert.Equal(winner with { IsNew = run.IsNew, OpensSession = run.IsNew }, run));
        Assert.Single(await store.Records.ListAsync(new RunQuery("s1"), Stop));
    }

    [Fact]
    public async Task Concurrent_changes_of_one_session_lose_nothing()
    {
        await using var store = await OpenAsync();
        await store.Sessions.CreateAsync(Samples.Session("s1"), Stop);

        await Task.WhenAll(
            Task.Run(() => store.Sessions.UpdateAsync("s1", new SessionPatch { SessionName = "n", UpdatedAt = 2_000 }, Stop), Stop),
            Task.Run(() => store.Sessions.UpdateAsync("s1", new SessionPatch { Metadata = Samples.Json("{}"), UpdatedAt = 2_000 }, Stop), Stop),
            Task.Run(() => store.Sessions.UpdateAsync("s1", new SessionPatch { SessionState = Samples.Json("{}"), UpdatedAt = 2_000 }, Stop), Stop),
            Task.Run(() => store.Log.AcceptAsync(Samples.Accept("r1"), Stop), Stop));

        var session = await store.Sessions.FindAsync("s1", Stop);
        Assert.Equal(("n", "{}", "{}", "writer"), (session!.SessionName, session.Metadata?.GetRawText(), session.SessionState?.GetRawText(), session.ComponentId));
    }

    /// <summary>Opens an empty store.</summary>
    protected abstract Task<StoreUnderTest> OpenAsync();

    private static ParallelOptions Many => new() { MaxDegreeOfParallelism = 64, CancellationToken = Stop };

    private static string SessionOf(int index) => $"s{index % Sessions}";

    private static async Task<bool> TryAppendAsync(StoreUnderTest store, RunAppend append)
    {
        await Task.Yield();
        try
        {
            await store.Log.AppendAsync(append, Stop);
            return true;
        }
        catch (FencedException)
        {
            return false;
        }
    }
}
