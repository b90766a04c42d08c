using Microsoft.Extensions.Logging;
using Orleans.Streams;

namespace Cluster.Grains.Interfaces.Streams;

/// <summary>
/// What was received of one queue and is not delivered to every reader yet. It never holds the queue up: a reader that is too slow loses the oldest messages of its
/// stream, other readers and streams lose nothing.
/// </summary>
internal sealed partial class StreamQueueCache(RunStreamOptions options, TimeProvider time, ILogger<StreamQueueCache> logger) : IQueueCache
{
    private const int MessagesPerRead = 1_024;

    /// <summary>Messages are kept so long even if nobody waits for them: a reader that subscribes now may be owed them, and is only asked in a moment.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly Dictionary<StreamId, StreamTail> _tails = [];
    private long _tidied = time.GetTimestamp();

    public int GetMaxAddCount() => MessagesPerRead;

    public bool IsUnderPressure() => false;

    public void AddToCache(IList<IBatchContainer> messages)
    {
        foreach (var batch in messages.Cast<StreamBatch>())
        {
            var dropped = GetTail(batch.StreamId).Add(batch, time.GetTimestamp());
            if (dropped > 0)
            {
                LogDropped(dropped, batch.StreamId);
            }
        }
    }

    public IQueueCacheCursor GetCacheCursor(StreamId streamId, StreamSequenceToken? token) => GetTail(streamId).Read(token);

    /// <summary>Forgets what everybody has. The queue forgot it when it was dequeued, so there is nothing to tell it.</summary>
    public bool TryPurgeFromCache(out IList<IBatchContainer> purgedItems)
    {
        purgedItems = [];
        if (time.GetElapsedTime(_tidied) < Grace)
        {
            return false;
        }

        _tidied = time.GetTimestamp();
        foreach (var (stream, tail) in _tails)
        {
            tail.Forget(batch => time.GetElapsedTime(batch) > Grace);
            if (tail.IsUnused)
            {
                _tails.Remove(stream);
            }
        }

        return false;
    }

    private StreamTail GetTail(StreamId streamId)
    {
        if (!_tails.TryGetValue(streamId, out var tail))
        {
            _tails.Add(streamId, tail = new StreamTail(options.QueueCapacity, options.QueueBytes));
        }

        return tail;
    }

    [LoggerMessage(LogLevel.Warning, "{Count} messages of stream {Stream} were dropped because a reader is slow: it fetches these events from the log")]
    private partial void LogDropped(int count, StreamId stream);
}
