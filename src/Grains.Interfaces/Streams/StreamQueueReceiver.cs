using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Serialization;
using Orleans.Streams;

namespace Cluster.Grains.Interfaces.Streams;

/// <summary>Waits for the messages of one queue. Messages of a stream that come together are one batch.</summary>
internal sealed partial class StreamQueueReceiver(
    IStreamQueueGrain queue, RunStreamOptions options, Serializer serializer, TimeProvider time, ILogger<StreamQueueReceiver> logger, CancellationToken stopping)
    : IQueueAdapterReceiver
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(250);

    private readonly TimeSpan _wait = TimeSpan.FromSeconds(options.WaitSeconds);
    private long _sequence;

    public Task Initialize(TimeSpan timeout) => Task.CompletedTask;

    public Task Shutdown(TimeSpan timeout) => Task.CompletedTask;

    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages) => Task.CompletedTask;

    public async Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount)
    {
        try
        {
            // Whoever stops this reader waits for the answer. A host that shuts down goes on delivering what is there, but waits for no more.
            var messages = stopping.IsCancellationRequested
                ? await queue.DequeueAsync(maxCount, TimeSpan.Zero, CancellationToken.None)
                : await queue.DequeueAsync(maxCount, _wait, stopping);
            return messages.IsEmpty ? [] : Batch(messages);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return [];
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException)
        {
            LogUnreachable(queue.GetPrimaryKeyString(), exception);
            await Task.Delay(PauseAfterFailure, time, CancellationToken.None);
            return [];
        }
    }

    private List<IBatchContainer> Batch(ImmutableArray<StreamMessage> messages)
    {
        var batches = new List<IBatchContainer>();
        foreach (var stream in messages.GroupBy(message => message.Stream))
        {
            batches.Add(new StreamBatch(stream.Key, ++_sequence, [.. stream.Select(message => message.Items)], serializer));
        }

        return batches;
    }

    [LoggerMessage(LogLevel.Warning, "Stream queue {Queue} does not answer, which happens while its silo is replaced: trying again")]
    private partial void LogUnreachable(string queue, Exception exception);
}
