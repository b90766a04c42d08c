using Cluster.Api.Tests;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;

namespace Cluster.Gateway.Tests.Runs;

public sealed class ContinuationTests(TwoGateways gateways) : IClassFixture<TwoGateways>
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task A_run_that_was_continued_through_one_gateway_is_read_to_its_end_through_the_other()
    {
        var runId = await gateways.First.StartAsync(TwoGateways.Ask("confirm", "delete") with { Streamed = true }, TestApi.Stop);
        var paused = await EventsAsync(gateways.First, runId, -1);

        var last = (await gateways.Second.ContinueAsync(new RunContinuation(runId, Confirmed(paused)), TestApi.Stop)).LastIndex;
        var rest = await EventsAsync(gateways.First, runId, last);

        Assert.IsType<RunPaused>(paused[^1]);
        Assert.IsType<RunContinued>(rest[0]);
        Assert.IsType<RunCompleted>(rest[^1]);
        Assert.Equal(paused.Count, rest[0].EventIndex);
    }

    [Fact]
    public async Task Whoever_waits_for_a_continued_run_is_not_told_of_the_pause_before()
    {
        var runId = await gateways.First.StartAsync(TwoGateways.Ask("confirm", "delete"), TestApi.Stop);
        var paused = await gateways.First.WaitAsync(runId, TestApi.Stop);

        await gateways.Second.ContinueAsync(new RunContinuation(runId, [.. paused.Tools!.Value.Select(tool => tool with { Confirmed = true })]), TestApi.Stop);

        Assert.Equal(RunStatus.Paused, paused.Status);
        Assert.Equal(RunStatus.Completed, (await gateways.First.WaitAsync(runId, TestApi.Stop).WaitAsync(AtOnce, TestApi.Stop)).Status);
        Assert.Equal("Done: deleted", (await gateways.Second.WaitAsync(runId, TestApi.Stop)).Content?.Text);
    }

    [Fact]
    public async Task A_run_can_be_continued_as_soon_as_its_pause_is_heard_of()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestApi.Stop }, async (number, stop) =>
        {
            var host = number % 2 == 0 ? gateways.First : gateways.Second;
            var runId = await host.StartAsync(TwoGateways.Ask("confirm", "delete") with { Streamed = true }, stop);
            var paused = await EventsAsync(host, runId, -1);

            var last = (await host.ContinueAsync(new RunContinuation(runId, Confirmed(paused)), stop)).LastIndex;
            var rest = await EventsAsync(host, runId, last).WaitAsync(AtOnce, stop);

            Assert.Equal("Done: deleted", Assert.IsType<RunCompleted>(rest[^1]).Content?.Text);
        });
    }

    [Fact]
    public async Task A_run_is_continued_once_however_many_answers_arrive_together()
    {
        var runId = await gateways.First.StartAsync(TwoGateways.Ask("confirm", "delete") with { Streamed = true }, TestApi.Stop);
        var answer = new RunContinuation(runId, Confirmed(await EventsAsync(gateways.First, runId, -1)));

        var accepted = await Task.WhenAll(Enumerable.Range(0, 6).Select(number => TryContinueAsync(number % 2 == 0 ? gateways.First : gateways.Second, answer)));

        Assert.Single(accepted, isAccepted => isAccepted);
        Assert.Equal("Done: deleted", (await gateways.First.WaitAsync(runId, TestApi.Stop)).Content?.Text);
    }

    private static async Task<bool> TryContinueAsync(IRunHost host, RunContinuation answer)
    {
        try
        {
            await host.ContinueAsync(answer, TestApi.Stop);
            return true;
        }
        catch (ConflictException)
        {
            return false;
        }
    }

    private static System.Collections.Immutable.ImmutableArray<Engine.Tools.ToolExecution> Confirmed(IReadOnlyList<RunEvent> paused) =>
        [.. ((RunPaused)paused[^1]).Tools.Select(tool => tool with { Confirmed = true })];

    private static Task<List<RunEvent>> EventsAsync(IRunHost host, string runId, long afterIndex) =>
        host.ReadEventsAsync(runId, afterIndex, TestApi.Stop).ToListAsync(TestApi.Stop).AsTask();
}
