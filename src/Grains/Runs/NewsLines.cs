using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Runs;
using Orleans.Streams;

namespace Cluster.Grains.Runs;

/// <summary>
/// The ways on which news of runs reach those who watch them: clients have streams, leaders of teams are called. A call finds the leader wherever it is by
/// now, needs no subscription, and takes no other hop than the one between two silos.
/// </summary>
/// <param name="streams">The streams of clients.</param>
/// <param name="runs">Where the leaders are.</param>
internal sealed class NewsLines(IStreamProvider streams, GrainKind<IRunGrain> runs)
{
    /// <summary>Tells whether a watcher is the leader of a team, rather than a client.</summary>
    /// <param name="watcher">The watcher, see <see cref="RunWatch"/>.</param>
    public static bool IsLeader(string watcher) => RunKey.IsOne(watcher);

    /// <summary>Gives the way to a watcher. Nobody waits until news have arrived.</summary>
    /// <param name="watcher">The watcher, see <see cref="RunWatch"/>.</param>
    public Func<RunNews, Task> To(string watcher)
    {
        if (IsLeader(watcher))
        {
            return runs.Get(watcher).HearAsync;
        }

        var stream = streams.GetStream<RunNews>(WatcherStreams.IdOf(watcher));
        return news => stream.OnNextAsync(news);
    }
}
