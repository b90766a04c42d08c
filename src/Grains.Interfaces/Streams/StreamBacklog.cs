using System.Collections.Immutable;

namespace Cluster.Grains.Interfaces.Streams;

/// <summary>Messages that wait, bounded in number and bytes: when there is no room, the oldest go. It takes no locks.</summary>
/// <param name="capacity">How many messages it holds at most.</param>
/// <param name="capacityBytes">How many bytes the held messages have at most.</param>
public sealed class StreamBacklog(int capacity, long capacityBytes)
{
    /// <summary>What is taken at once stays far below the largest message that silos accept.</summary>
    private const long TakenBytes = 1024 * 1024;

    private readonly Queue<StreamMessage> _messages = new();
    private long _bytes;

    /// <summary>Gets a value indicating whether nothing waits.</summary>
    public bool IsEmpty => _messages.Count == 0;

    /// <summary>Gets how many messages were dropped since the backlog was made.</summary>
    public long Dropped { get; private set; }

    /// <summary>Adds a message behind all others. One that is larger than the whole backlog is dropped itself.</summary>
    /// <param name="message">The message.</param>
    public void Add(StreamMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Items.Length > capacityBytes)
        {
            Dropped++;
            return;
        }

        while (_messages.Count >= capacity || _bytes + message.Items.Length > capacityBytes)
        {
            _ = Remove();
            Dropped++;
        }

        _messages.Enqueue(message);
        _bytes += message.Items.Length;
    }

    /// <summary>Removes the oldest messages: about a mebibyte of them, and at least one if there is one.</summary>
    /// <param name="max">How many messages at most.</param>
    /// <returns>The messages, in order.</returns>
    public ImmutableArray<StreamMessage> Take(int max)
    {
        var taken = ImmutableArray.CreateBuilder<StreamMessage>(Math.Min(max, _messages.Count));
        for (var bytes = 0L; taken.Count < max && _messages.Count > 0 && bytes < TakenBytes;)
        {
            var message = Remove();
            bytes += message.Items.Length;
            taken.Add(message);
        }

        return taken.DrainToImmutable();
    }

    private StreamMessage Remove()
    {
        var message = _messages.Dequeue();
        _bytes -= message.Items.Length;
        return message;
    }
}
