using Cluster.Grains.Interfaces.Streams;
using Orleans.Streams;

namespace Cluster.Grains.Interfaces.Runs;

/// <summary>Subscribes this process to its stream. One stream brings the news of all runs that are followed here.</summary>
/// <param name="client">The connection to the cluster.</param>
/// <param name="runs">Takes the news in.</param>
internal sealed class NewsSubscription(IClusterClient client, FollowedRuns runs)
{
    /// <summary>
    /// Subscribes anew. The silos drop a subscription when this process was out of reach for a while, and they deliver one message after the other: one that
    /// was on its way here through a silo that died holds up all that follow until its time is over.
    /// </summary>
    /// <returns>A task that ends when the subscription stands.</returns>
    public async Task RenewAsync()
    {
        await EndAsync();
        await Stream().SubscribeAsync((news, _) => Receive(news));
    }

    /// <summary>Ends the subscription, so that the silos need not find out that nobody listens.</summary>
    /// <returns>A task that ends when nothing comes any more.</returns>
    public async Task EndAsync()
    {
        foreach (var handle in await Stream().GetAllSubscriptionHandles())
        {
            await handle.UnsubscribeAsync();
        }
    }

    private IAsyncStream<RunNews> Stream() => client.GetStreamProvider(RunStreams.ProviderName).GetStream<RunNews>(WatcherStreams.IdOf(runs.Watcher));

    private Task Receive(RunNews news)
    {
        runs.Receive(news);
        return Task.CompletedTask;
    }
}
