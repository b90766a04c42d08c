using Cluster.Api.Tests;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;

namespace Cluster.Gateway.Tests.Runs;

public sealed class ForkTests(TwoGateways gateways) : IClassFixture<TwoGateways>
{
    [Fact]
    public async Task A_fork_that_one_gateway_asked_for_is_read_through_both()
    {
        var first = await CompleteAsync();

        var fork = await gateways.Second.ContinueAsync(new RunContinuation(first.RunId) { Input = "again", Streamed = true }, TestApi.Stop);
        var there = await EventsAsync(gateways.Second, fork);
        var here = await EventsAsync(gateways.First, fork);

        Assert.NotEqual(first.RunId, fork.RunId);
        Assert.IsType<RunContinued>(there[0]);
        Assert.Equal(first.RunId, (await gateways.First.FindAsync(fork.RunId, TestApi.Stop))!.Output.ForkedFromRunId);
        Assert.Equal(there.Select(next => (next.Event, next.EventIndex)), here.Select(next => (next.Event, next.EventIndex)));
    }

    [Fact]
    public async Task A_regenerated_run_is_so_for_every_gateway_when_the_new_one_has_completed()
    {
        var first = await CompleteAsync();

        var anew = await gateways.Second.ContinueAsync(new RunContinuation(first.RunId) { Regenerate = true }, TestApi.Stop);
        await gateways.First.WaitAsync(anew.RunId, TestApi.Stop);

        Assert.Equal(RunStatus.Regenerated, (await gateways.First.FindAsync(first.RunId, TestApi.Stop))!.Output.Status);
        Assert.Equal(RunStatus.Regenerated, (await gateways.Second.FindAsync(first.RunId, TestApi.Stop))!.Output.Status);
    }

    [Fact]
    public async Task Whoever_waits_for_a_run_that_was_forked_gets_its_own_outcome()
    {
        var first = await CompleteAsync();
        await gateways.First.ContinueAsync(new RunContinuation(first.RunId) { Fork = true }, TestApi.Stop);

        var again = await gateways.First.WaitAsync(first.RunId, TestApi.Stop).WaitAsync(TimeSpan.FromSeconds(15), TestApi.Stop);

        Assert.Equal((first.RunId, first.Content?.Text), (again.RunId, again.Content?.Text));
    }

    [Fact]
    public async Task Wishes_that_contradict_each_other_are_refused_across_the_cluster()
    {
        var first = await CompleteAsync();

        await Assert.ThrowsAsync<InvalidRequestException>(() => gateways.First.ContinueAsync(new RunContinuation(first.RunId) { Regenerate = true, Fork = true }, TestApi.Stop));
    }

    private async Task<RunOutput> CompleteAsync()
    {
        var runId = await gateways.First.StartAsync(TwoGateways.Ask("confirm", "delete"), TestApi.Stop);
        var paused = await gateways.First.WaitAsync(runId, TestApi.Stop);
        await gateways.First.ContinueAsync(new RunContinuation(runId, [.. paused.Tools!.Value.Select(tool => tool with { Confirmed = true })]), TestApi.Stop);
        return await gateways.First.WaitAsync(runId, TestApi.Stop);
    }

    private static Task<List<RunEvent>> EventsAsync(IRunHost host, ContinuedRun run) =>
        host.ReadEventsAsync(run.RunId, run.LastIndex, TestApi.Stop).ToListAsync(TestApi.Stop).AsTask();
}
