using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Cluster.Grains.Interfaces.Streams;

/// <summary>
/// One queue between producers of stream messages and the silo that delivers them, keyed <c>q/{provider}/{number}</c>. It lives in memory only and drops the oldest
/// messages when it is full: readers of runs fill gaps from the log.
/// </summary>
[Alias("stream.queue")]
public interface IStreamQueueGrain : IGrainWithStringKey
{
    /// <summary>Adds messages and wakes whoever waits for them.</summary>
    /// <param name="messages">The messages, in order.</param>
    /// <returns>A task that ends when the messages are in the queue.</returns>
    [Alias("enqueue"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task EnqueueAsync(ImmutableArray<StreamMessage> messages);

    /// <summary>Removes the oldest messages; waits for some when there are none. Messages whose answer does not arrive are lost.</summary>
    /// <param name="max">How many messages at most.</param>
    /// <param name="wait">How long to wait for the first.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The messages, in order; empty when none came.</returns>
    [Alias("dequeue"), AlwaysInterleave, ResponseTimeout("00:00:06")]
    Task<ImmutableArray<StreamMessage>> DequeueAsync(int max, TimeSpan wait, CancellationToken cancellationToken = default);
}
