using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Storage;
using Cluster.Engine.Tests.Testing;

namespace Cluster.Engine.Tests.Runs;

public sealed class RepeatedRequestTests
{
    private const int Pairs = 100;

    [Fact]
    public async Task Requests_that_arrive_together_under_one_key_are_one_run_for_both()
    {
        var store = new MemoryStore();
        await using var engine = new TestEngine(new Agent(), store, log: new BatchingLog(store, 2 * Pairs));
        engine.Model.Otherwise = call => call.Say(call.Input).End();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 2 * Pairs).Select(number => Task.Run(() => RunAsync(engine, number / 2))));

        Assert.All(outcomes, outcome => Assert.Equal((RunStatus.Completed, outcome.Key, outcome.Key), (outcome.Run.Status, outcome.Run.Content?.Text, outcome.Streamed)));
        Assert.All(outcomes.GroupBy(outcome => outcome.Key), pair => Assert.Single(pair.Select(outcome => outcome.Run.RunId).Distinct()));
        Assert.Equal(Pairs, engine.Model.Calls.Count);
    }

    /// <summary>Starts a run in a session of its own and takes its outcome and the words of its stream.</summary>
    private static async Task<(string Key, RunOutput Run, string Streamed)> RunAsync(TestEngine engine, int pair)
    {
        var key = $"key {pair}";
        var runId = await engine.Host.StartAsync(engine.NewRequest(key, Guid.NewGuid().ToString()) with { IdempotencyKey = key }, Patience.Token);
        var events = engine.EventsAsync(runId);
        return (key, await engine.WaitAsync(runId), (await events).Text());
    }
}
