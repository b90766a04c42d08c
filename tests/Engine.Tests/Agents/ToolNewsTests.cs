using Cluster.Engine.Agents;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Tests.Agents;

public sealed class ToolNewsTests
{
    [Fact]
    public async Task What_was_told_before_the_run_was_stopped_is_given_before_it_ends()
    {
        using var stop = new CancellationTokenSource();
        var news = new ToolNews();
        var (first, second) = (new RunContinued(), new RunContinued());
        news.Tell(first);
        news.Tell(second);
        await stop.CancelAsync();

        Assert.Same(first, (await news.TakeAsync(stop.Token)).Told);
        Assert.Same(second, (await news.TakeAsync(stop.Token)).Told);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await news.TakeAsync(stop.Token));
    }

    [Fact]
    public async Task What_is_told_while_the_run_is_stopped_is_given_to_who_waits()
    {
        // Whoever waits is woken by both at once; which of them it sees first is a matter of luck, so it is tried often.
        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            using var stop = new CancellationTokenSource();
            var news = new ToolNews();
            var told = new RunContinued();
            var taking = news.TakeAsync(stop.Token);

            news.Tell(told);
            await stop.CancelAsync();

            Assert.Same(told, (await taking).Told);
        }
    }

    [Fact]
    public async Task Who_waits_for_news_of_a_run_that_is_stopped_waits_no_longer()
    {
        using var stop = new CancellationTokenSource();
        var taking = new ToolNews().TakeAsync(stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await taking);
    }
}
