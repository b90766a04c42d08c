using Cluster.Grains.Interfaces.Streams;
using Orleans.Streams;

namespace Cluster.Grains.Interfaces.Runs;

/// <summary>Subscribes this process to its stream. One stream brings the news of all runs that are followed here.</summary>
/// <param name="client">The connection to the cluster.</param>
/// <param name="runs">Takes the news in.</param>
internal sealed class NewsSubscription(IClusterClient client, FollowedRuns runs)
{
    /// <summary>Makes sure that the subscription stands: the silos drop it when this process was out of reach for a while.</summary>
    /// <returns>A task that ends when it stands.</returns>
    public async Task EnsureAsync()
    {
        var stream = client.GetStreamProvider(RunStreams.ProviderName).GetStream<RunNews>(WatcherStreams.IdOf(runs.Watcher));
        var handles = await stream.GetAllSubscriptionHandles();
        if (handles.Count == 0)
        {
            await stream.SubscribeAsync((news, _) => Receive(news));
        }
    }

    /// <summary>Ends the subscription, so that the silos need not find out that nobody listens.</summary>
    /// <returns>A task that ends when nothing comes any more.</returns>
    public async Task EndAsync()
    {
        var stream = client.GetStreamProvider(RunStreams.ProviderName).GetStream<RunNews>(WatcherStreams.IdOf(runs.Watcher));
        foreach (var handle in await stream.GetAllSubscriptionHandles())
        {
            await handle.UnsubscribeAsync();
        }
    }

    private Task Receive(RunNews news)
    {
        runs.Receive(news);
        return Task.CompletedTask;
    }
}
