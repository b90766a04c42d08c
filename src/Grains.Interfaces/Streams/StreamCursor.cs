using System.Collections.Immutable;
using Orleans.Streams;

namespace Cluster.Grains.Interfaces.Streams;

/// <summary>Where one reader of a stream stands. Each move takes all that arrived since the last one, so what waits together is delivered together.</summary>
internal sealed class StreamCursor(StreamTail tail, LinkedListNode<(StreamBatch Batch, long AddedAt, long Bytes)>? last) : IQueueCacheCursor
{
    /// <summary>One delivery stays far below the largest message that silos accept.</summary>
    private const long DeliveredBytes = 1024 * 1024;

    private LinkedListNode<(StreamBatch Batch, long AddedAt, long Bytes)>? _last = last;
    private StreamBatch? _current;

    public long LastRead => _last?.Value.Batch.Sequence ?? 0;

    public bool MoveNext()
    {
        var batches = new List<StreamBatch>();
        var bytes = 0L;
        for (var next = tail.After(_last); next is not null && bytes < DeliveredBytes; next = tail.After(next))
        {
            batches.Add(next.Value.Batch);
            bytes += next.Value.Bytes;
            _last = next;
        }

        _current = batches switch
        {
            [] => null,
            [var only] => only,
            [.., var newest] => newest.Including(batches.SelectMany(batch => batch.Messages).ToImmutableArray()),
        };
        return _current is not null;
    }

    public IBatchContainer GetCurrent(out Exception exception)
    {
        exception = null!;
        return _current!;
    }

    /// <summary>The place is remembered while there is nothing to read, so it needs no hint.</summary>
    public void Refresh(StreamSequenceToken token)
    {
    }

    /// <summary>What could not be delivered is not delivered later: readers fetch it from the log.</summary>
    public void RecordDeliveryFailure()
    {
    }

    public void Dispose() => tail.Remove(this);
}
