using Cluster.Api.Tests;
using Cluster.Engine.Runs;

namespace Cluster.Gateway.Tests.Runs;

public sealed class CancellationTests(TwoGateways gateways, ITestOutputHelper output) : IClassFixture<TwoGateways>
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan TooLong = TimeSpan.FromSeconds(30);

    /// <summary>The best of several is what counts: a busy machine makes some slow, and only a mistake makes all of them slow.</summary>
    [Theory]
    [InlineData("silent")]
    [InlineData("listener")]
    public async Task Whoever_listens_is_told_at_once_through_any_gateway(string agentId)
    {
        var times = new List<TimeSpan>();
        for (var i = 0; i < 10; i++)
        {
            var (runId, question) = await StartAsync(agentId);
            var asked = TimeProvider.System.GetTimestamp();

            await gateways.Second.CancelAsync(runId, TestApi.Stop);
            await question.Left.Task.WaitAsync(TooLong, TestApi.Stop);

            times.Add(TimeProvider.System.GetElapsedTime(asked));
            Assert.Equal(RunStatus.Cancelled, (await gateways.First.WaitAsync(runId, TestApi.Stop)).Status);
        }

        output.WriteLine($"{agentId}: {string.Join(' ', times.Order().Select(time => $"{time.TotalMilliseconds:0.0}"))} ms");
        Assert.True(times.Min() < AtOnce, $"It took {times.Min()} at best.");
    }

    [Fact]
    public async Task A_tool_that_does_not_listen_holds_up_neither_the_cancellation_nor_the_next_run()
    {
        var session = Guid.NewGuid().ToString();
        var (runId, _) = await StartAsync("deaf", session);

        await gateways.Second.CancelAsync(runId, TestApi.Stop);

        Assert.Equal(RunStatus.Cancelled, (await gateways.First.WaitAsync(runId, TestApi.Stop).WaitAsync(TooLong, TestApi.Stop)).Status);
        var (next, _) = await StartAsync("deaf", session);
        await gateways.First.CancelAsync(next, TestApi.Stop);
    }

    [Fact]
    public async Task A_run_that_was_cancelled_through_one_gateway_before_it_came_through_the_other_never_asks_its_model()
    {
        var request = TwoGateways.Ask("silent", Guid.NewGuid().ToString());

        await gateways.Second.CancelAsync(request.RunId, TestApi.Stop);
        await gateways.First.StartAsync(request, TestApi.Stop);

        var run = await gateways.First.WaitAsync(request.RunId, TestApi.Stop).WaitAsync(TooLong, TestApi.Stop);
        Assert.Equal((RunStatus.Cancelled, $"Run {request.RunId} was cancelled"), (run.Status, run.Content?.Text));
        Assert.False(gateways.Silence.To(request.Input.InputContent.ToString()).Asked.Task.IsCompleted);
    }

    [Fact]
    public async Task A_session_whose_run_was_cancelled_before_it_came_takes_the_next_one()
    {
        var session = Guid.NewGuid().ToString();
        var unwanted = TwoGateways.Ask("silent", Guid.NewGuid().ToString(), session);
        await gateways.Second.CancelAsync(unwanted.RunId, TestApi.Stop);
        await gateways.First.StartAsync(unwanted, TestApi.Stop);

        var (next, _) = await StartAsync("silent", session);

        await gateways.First.CancelAsync(next, TestApi.Stop);
        Assert.Equal(RunStatus.Cancelled, (await gateways.First.WaitAsync(next, TestApi.Stop).WaitAsync(TooLong, TestApi.Stop)).Status);
    }

    private async Task<(string RunId, Unanswered Question)> StartAsync(string agentId, string? sessionId = null)
    {
        var input = Guid.NewGuid().ToString();
        var runId = await gateways.First.StartAsync(TwoGateways.Ask(agentId, input, sessionId), TestApi.Stop);
        var question = gateways.Silence.To(input);
        await question.Asked.Task.WaitAsync(TooLong, TestApi.Stop);
        return (runId, question);
    }
}
