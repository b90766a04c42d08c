using Orleans.Streams;

namespace Cluster.Grains.Interfaces.Streams;

/// <summary>The last batches of one stream, and who reads them. The number of messages and bytes is bounded: the oldest batches go first, the newest always stays.</summary>
internal sealed class StreamTail(int capacity, long capacityBytes)
{
    private readonly LinkedList<(StreamBatch Batch, long AddedAt, long Bytes)> _batches = new();
    private readonly HashSet<StreamCursor> _cursors = [];
    private int _count;
    private long _bytes;

    /// <summary>Gets a value indicating whether nothing is lost when the tail is thrown away.</summary>
    public bool IsUnused => _batches.Count == 0 && _cursors.Count == 0;

    /// <summary>Adds a batch at the end.</summary>
    /// <returns>How many messages were dropped that somebody had not read yet.</returns>
    public int Add(StreamBatch batch, long addedAt)
    {
        var bytes = batch.Messages.Sum(message => (long)message.Length);
        _batches.AddLast((batch, addedAt, bytes));
        _count += batch.Messages.Length;
        _bytes += bytes;

        var dropped = 0;
        var read = ReadByAll();
        while (_batches.Count > 1 && (_count > capacity || _bytes > capacityBytes))
        {
            var oldest = RemoveOldest();
            dropped += oldest.Sequence > read ? oldest.Messages.Length : 0;
        }

        return dropped;
    }

    /// <summary>Starts to read.</summary>
    /// <param name="token">The first batch to read, or the one after it if that is gone; null for what comes from now on.</param>
    /// <returns>The reader; it has to be disposed of.</returns>
    public StreamCursor Read(StreamSequenceToken? token)
    {
        var node = _batches.Last;
        while (token is not null && node is not null && node.Value.Batch.Sequence >= token.SequenceNumber)
        {
            node = node.Previous;
        }

        var cursor = new StreamCursor(this, node);
        _cursors.Add(cursor);
        return cursor;
    }

    /// <summary>Removes the batches that everybody has read and that were added long enough ago.</summary>
    public void Forget(Func<long, bool> isOld)
    {
        for (var read = ReadByAll(); _batches.First is { } oldest && oldest.Value.Batch.Sequence <= read && isOld(oldest.Value.AddedAt);)
        {
            RemoveOldest();
        }
    }

    /// <summary>Finds what follows a batch. If that was dropped, what remains is newer.</summary>
    public LinkedListNode<(StreamBatch Batch, long AddedAt, long Bytes)>? After(LinkedListNode<(StreamBatch Batch, long AddedAt, long Bytes)>? node) =>
        node is { List: not null } ? node.Next : _batches.First;

    public void Remove(StreamCursor cursor) => _cursors.Remove(cursor);

    private long ReadByAll() => _cursors.Count == 0 ? long.MaxValue : _cursors.Min(cursor => cursor.LastRead);

    private StreamBatch RemoveOldest()
    {
        var (batch, _, bytes) = _batches.First!.Value;
        _batches.RemoveFirst();
        _count -= batch.Messages.Length;
        _bytes -= bytes;
        return batch;
    }
}
