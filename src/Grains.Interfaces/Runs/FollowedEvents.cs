using Cluster.Engine.Limits;
using Cluster.Engine.Runs;

namespace Cluster.Grains.Interfaces.Runs;

/// <summary>The newest events of a run, bounded in number and bytes: the oldest go first, and one that is too large is not kept at all. It takes no locks.</summary>
/// <param name="memory">What all runs hold.</param>
internal sealed class FollowedEvents(FollowedMemory memory)
{
    private const int MaxEvents = 1_024;

    private (RunEvent Event, long Bytes)[] _ring = [];
    private int _first;
    private long _bytes;
    private bool _isClosed;

    /// <summary>Gets how many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Adds the next event.</summary>
    public void Add(RunEvent next)
    {
        if (_isClosed)
        {
            return;
        }

        if (Count == _ring.Length)
        {
            Grow();
        }

        var bytes = EventSizes.Of(next);
        _ring[(_first + Count) % _ring.Length] = (next, bytes);
        Count++;
        Hold(bytes);
        for (var limit = memory.RunLimit; Count > MaxEvents || (_bytes > limit && Count > 0);)
        {
            RemoveFirst();
        }
    }

    /// <summary>Gives some events for a reader, which holds them while it does not take them.</summary>
    /// <param name="skip">How many of the oldest it has.</param>
    /// <param name="limit">How many it gets at most.</param>
    /// <param name="bytes">How large they are at most; one that is larger passes alone.</param>
    public RunEvent[] Take(int skip, int limit, long bytes)
    {
        var count = 0;
        for (var size = 0L; skip + count < Count && count < limit; count++)
        {
            size += _ring[(_first + skip + count) % _ring.Length].Bytes;
            if (size > bytes && count > 0)
            {
                break;
            }
        }

        var taken = new RunEvent[count];
        for (var i = 0; i < count; i++)
        {
            taken[i] = _ring[(_first + skip + i) % _ring.Length].Event;
        }

        return taken;
    }

    /// <summary>Forgets all events.</summary>
    public void Clear()
    {
        Hold(-_bytes);
        (_ring, _first, Count) = ([], 0, 0);
    }

    /// <summary>Forgets all events, and those that still come.</summary>
    public void Close()
    {
        _isClosed = true;
        Clear();
    }

    private void RemoveFirst()
    {
        Hold(-_ring[_first].Bytes);
        _ring[_first] = default;
        _first = (_first + 1) % _ring.Length;
        Count--;
    }

    private void Hold(long bytes)
    {
        _bytes += bytes;
        memory.Add(bytes);
    }

    private void Grow()
    {
        var larger = new (RunEvent, long)[Math.Max(16, _ring.Length * 2)];
        for (var i = 0; i < Count; i++)
        {
            larger[i] = _ring[(_first + i) % _ring.Length];
        }

        (_ring, _first) = (larger, 0);
    }
}
