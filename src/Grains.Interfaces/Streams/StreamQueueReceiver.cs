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
    private bool _isUnreachable;

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
            _isUnreachable = false;
            return messages.IsEmpty ? [] : Batch(messages);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return [];
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException)
        {
            // Said once, not several times a second for each queue.
            if (!_isUnreachable)
            {
                LogUnreachable(queue.GetPrimaryKeyString(), exception.Message);
                _isUnreachable = true;
            }

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

    [LoggerMessage(LogLevel.Warning, "Stream queue {Queue} does not answer ({Reason}), which happens while its silo is replaced: trying again until it does")]
    private partial void LogUnreachable(string queue, string reason);
}
