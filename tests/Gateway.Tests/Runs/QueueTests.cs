using Cluster.Api.Tests;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;

namespace Cluster.Gateway.Tests.Runs;

public sealed class QueueTests(TwoGateways gateways) : IClassFixture<TwoGateways>
{
    private readonly string _session = Guid.NewGuid().ToString();

    [Fact]
    public async Task Runs_of_a_session_that_come_through_both_gateways_work_one_after_the_other()
    {
        var (first, firstModel) = await StartAsync(gateways.First);
        var (second, secondModel) = await StartAsync(gateways.Second);
        secondModel.Say("two");
        secondModel.Finish();

        Assert.Equal(RunStatus.Pending, (await gateways.First.FindAsync(second, TestApi.Stop))!.Output.Status);
        firstModel.Say("one");
        firstModel.Finish();

        Assert.Equal("one", (await gateways.Second.WaitAsync(first, TestApi.Stop)).Content?.Text);
        Assert.Equal("two", (await gateways.First.WaitAsync(second, TestApi.Stop)).Content?.Text);
    }

    [Fact]
    public async Task A_run_that_waits_is_cancelled_at_once_and_the_others_go_on()
    {
        var (first, firstModel) = await StartAsync(gateways.First);
        var (second, _) = await StartAsync(gateways.First);
        var (third, thirdModel) = await StartAsync(gateways.First);

        await gateways.Second.CancelAsync(second, TestApi.Stop);
        var cancelled = await gateways.First.WaitAsync(second, TestApi.Stop);
        firstModel.Finish();
        thirdModel.Say("three");
        thirdModel.Finish();

        Assert.Equal(RunStatus.Cancelled, cancelled.Status);
        Assert.Equal(RunStatus.Completed, (await gateways.First.WaitAsync(first, TestApi.Stop)).Status);
        Assert.Equal("three", (await gateways.First.WaitAsync(third, TestApi.Stop)).Content?.Text);
    }

    [Fact]
    public async Task A_run_that_must_not_wait_is_refused_while_the_session_is_busy()
    {
        var (first, model) = await StartAsync(gateways.First);

        var refusal = await Assert.ThrowsAsync<ConflictException>(() => StartAsync(gateways.Second, WhenBusy.Reject));

        Assert.Contains(first, refusal.Message, StringComparison.Ordinal);
        model.Finish();
        await gateways.First.WaitAsync(first, TestApi.Stop);
    }

    [Fact]
    public async Task A_run_that_interrupts_cancels_the_runs_ahead_and_works()
    {
        var (first, _) = await StartAsync(gateways.First);
        var (second, _) = await StartAsync(gateways.First);

        var (third, model) = await StartAsync(gateways.Second, WhenBusy.Interrupt);
        model.Say("mine");
        model.Finish();

        Assert.Equal("mine", (await gateways.Second.WaitAsync(third, TestApi.Stop)).Content?.Text);
        Assert.Equal(RunStatus.Cancelled, (await gateways.Second.WaitAsync(first, TestApi.Stop)).Status);
        Assert.Equal(RunStatus.Cancelled, (await gateways.Second.WaitAsync(second, TestApi.Stop)).Status);
    }

    [Fact]
    public async Task A_request_that_is_repeated_through_the_other_gateway_finds_the_first_run()
    {
        var input = Guid.NewGuid().ToString();
        var request = TwoGateways.Ask("speaker", input, _session) with { IdempotencyKey = input };

        var runIds = await Task.WhenAll(Enumerable.Range(0, 6).Select(
            number => (number % 2 == 0 ? gateways.First : gateways.Second).StartAsync(request with { RunId = Guid.NewGuid().ToString() }, TestApi.Stop)));
        gateways.Speech.To(input).Finish();

        Assert.Single(runIds.Distinct());
        Assert.Equal(RunStatus.Completed, (await gateways.First.WaitAsync(runIds[0], TestApi.Stop)).Status);
    }

    [Fact]
    public async Task A_run_waits_behind_one_whose_silo_died_before_anybody_heard_of_it()
    {
        var input = Guid.NewGuid().ToString();
        var left = TwoGateways.Ask("speaker", input, _session);
        await gateways.AcceptAndDieAsync(left);

        var (second, model) = await StartAsync(gateways.First);
        model.Finish();
        var whileTheOtherSpeaks = (await gateways.First.FindAsync(second, TestApi.Stop))!.Output.Status;
        gateways.Speech.To(input).Say("one");
        gateways.Speech.To(input).Finish();

        Assert.Equal(RunStatus.Pending, whileTheOtherSpeaks);
        Assert.Equal("one", (await gateways.Second.WaitAsync(left.RunId, TestApi.Stop)).Content?.Text);
        Assert.Equal(RunStatus.Completed, (await gateways.First.WaitAsync(second, TestApi.Stop)).Status);
    }

    [Fact]
    public async Task A_run_that_must_not_wait_is_refused_because_of_one_whose_silo_died()
    {
        var input = Guid.NewGuid().ToString();
        var left = TwoGateways.Ask("speaker", input, _session);
        await gateways.AcceptAndDieAsync(left);

        var refusal = await Assert.ThrowsAsync<ConflictException>(() => StartAsync(gateways.First, WhenBusy.Reject));

        Assert.Contains(left.RunId, refusal.Message, StringComparison.Ordinal);
        gateways.Speech.To(input).Finish();
        Assert.Equal(RunStatus.Completed, (await gateways.First.WaitAsync(left.RunId, TestApi.Stop)).Status);
    }

    [Fact]
    public async Task Sessions_are_spread_over_both_silos()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            var input = Guid.NewGuid().ToString();
            gateways.Speech.To(input).Finish();
            await gateways.First.WaitAsync(await gateways.First.StartAsync(TwoGateways.Ask("speaker", input), TestApi.Stop), TestApi.Stop);
        }));

        var grains = await gateways.Grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics(["Cluster.Grains.Sessions.SessionGrain,Cluster.Grains"], null, TestContext.Current.CancellationToken);

        Assert.Equal(2, grains.Select(grain => grain.SiloAddress).Distinct().Count());
    }

    private async Task<(string RunId, SpokenModel Model)> StartAsync(IRunHost host, WhenBusy whenBusy = WhenBusy.Queue)
    {
        var input = Guid.NewGuid().ToString();
        var runId = await host.StartAsync(TwoGateways.Ask("speaker", input, _session) with { WhenBusy = whenBusy }, TestApi.Stop);
        return (runId, gateways.Speech.To(input));
    }
}
