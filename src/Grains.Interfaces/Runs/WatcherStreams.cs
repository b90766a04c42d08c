namespace Cluster.Grains.Interfaces.Runs;

/// <summary>The stream on which a watcher, for instance a gateway, hears of all the runs that it watches.</summary>
public static class WatcherStreams
{
    private const string Namespace = "cluster.watchers";

    /// <summary>Names the stream of a watcher.</summary>
    /// <param name="watcher">The watcher's key.</param>
    /// <returns>The stream's id.</returns>
    public static StreamId IdOf(string watcher) => StreamId.Create(Namespace, watcher);
}
