using System.Runtime.CompilerServices;
using Cluster.Engine.Limits;

namespace Cluster.Engine.Runs;

/// <summary>
/// The public events of a run that is being watched: its owner appends, any number of readers follow from a cursor, on any thread, without locks.
/// Events are kept in an array that only ever grows at its end: a reader that sees the count also sees everything below it.
/// </summary>
public sealed class RunFeed
{
    /// <summary>A run without tool calls that is answered in a few pieces needs no second array.</summary>
    private const int FirstCapacity = 16;

    private volatile RunEvent[] _events;
    private volatile int _count;
    private volatile bool _isEnded;

    // Signals exist only while somebody waits: most runs are not read word by word, and whoever waits for the end alone is not woken by words.
    private TaskCompletionSource? _changed;
    private TaskCompletionSource? _ended;

    /// <summary>Creates the feed.</summary>
    /// <param name="events">What already happened, from index 0.</param>
    public RunFeed(IEnumerable<RunEvent> events)
    {
        _events = [.. events];
        _count = _events.Length;
    }

    /// <summary>Gets how many events there are: the index of the next one.</summary>
    public long Count => _count;

    /// <summary>Adds an event and wakes the readers. Only the run's owner calls it, one call at a time.</summary>
    /// <param name="next">The event; its index is <see cref="Count"/>.</param>
    /// <param name="endsHere">True when readers stop here: the run is over, or waits for a human.</param>
    public void Append(RunEvent next, bool endsHere)
    {
        var count = _count;
        if (count == _events.Length)
        {
            var larger = new RunEvent[Math.Max(FirstCapacity, count * 2)];
            _events.AsSpan(0, count).CopyTo(larger);
            _events = larger;
        }

        _events[count] = next;
        _count = count + 1;
        _isEnded = endsHere;
        Wake();
    }

    /// <summary>Ends the feed without an event: the run went away under its readers, or its host stops.</summary>
    public void End()
    {
        _isEnded = true;
        Wake();
    }

    /// <summary>Lets readers wait again: a paused run is about to go on.</summary>
    public void Reopen() => _isEnded = false;

    /// <summary>Reads on from a cursor, waiting for more, until the feed ends.</summary>
    /// <param name="afterIndex">The last index that the reader has; -1 for none. Beyond the end only the last event is read.</param>
    /// <param name="cancellationToken">Stops this reader only.</param>
    /// <returns>The events, in order, without gaps.</returns>
    public async IAsyncEnumerable<RunEvent> ReadAsync(long afterIndex, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var next = afterIndex == long.MaxValue ? long.MaxValue : afterIndex + 1;
        while (true)
        {
            var isEnded = _isEnded;
            while (next < _count)
            {
                yield return _events[next++];
            }

            if (isEnded)
            {
                break;
            }

            await ChangedAsync(next, cancellationToken);
        }

        // The reader saw deltas of an owner that died; its successor needed fewer events. The outcome is what the reader still lacks.
        if (next > _count && _count > 0)
        {
            yield return _events[_count - 1];
        }
    }

    /// <summary>Waits for events from an index on and gives all that there are: for readers that pass them on together.</summary>
    /// <param name="next">The index of the first event that is wanted.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The events from that index, at least one; empty when the feed ends before it.</returns>
    public async ValueTask<ReadOnlyMemory<RunEvent>> TakeAsync(long next, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var isEnded = _isEnded;
            if (Available(next, int.MaxValue) is { IsEmpty: false } available)
            {
                return available;
            }

            if (isEnded)
            {
                return default;
            }

            await ChangedAsync(next, cancellationToken);
        }
    }

    /// <summary>Gives the events from an index on that are there by now.</summary>
    /// <param name="next">The index of the first event that is wanted.</param>
    /// <param name="limit">How many at most.</param>
    /// <returns>The events; they never change.</returns>
    public ReadOnlyMemory<RunEvent> Available(long next, int limit)
    {
        // The count is read first: the array that is read after it holds at least as many events.
        var count = _count;
        var events = _events;
        return next < count ? events.AsMemory((int)next, (int)Math.Min(limit, count - next)) : default;
    }

    /// <summary>Gives a page of the events from an index on that are there by now.</summary>
    /// <param name="next">The index of the first event that is wanted.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="bytes">How large the page is; one event that is larger passes alone.</param>
    /// <returns>The events; they never change.</returns>
    public ReadOnlyMemory<RunEvent> Page(long next, int limit, long bytes) => EventSizes.First(Available(next, limit), bytes);

    /// <summary>Gives the newest of the events from an index on that are there by now.</summary>
    /// <param name="next">The index of the first event that is wanted.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="bytes">How large the page is; one event that is larger passes alone.</param>
    /// <returns>The events; they never change.</returns>
    public ReadOnlyMemory<RunEvent> Newest(long next, int limit, long bytes) => EventSizes.Last(Available(next, int.MaxValue), limit, bytes);

    /// <summary>Waits until the feed ends.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A task that ends with the feed.</returns>
    public async Task WaitAsync(CancellationToken cancellationToken = default)
    {
        while (!_isEnded)
        {
            var ended = Signal(ref _ended);

            // The signal is there before this look at the end, so an end in between has completed it.
            if (!_isEnded)
            {
                await ended.WaitAsync(cancellationToken);
            }
        }
    }

    private void Wake()
    {
        if (_isEnded)
        {
            Complete(ref _ended);
        }

        Complete(ref _changed);
    }

    /// <summary>Waits until there is an event with the index, or the feed has ended.</summary>
    private Task ChangedAsync(long next, CancellationToken cancellationToken)
    {
        // As above: whatever comes after the signal completes it.
        var changed = Signal(ref _changed);
        return next < _count || _isEnded ? Task.CompletedTask : changed.WaitAsync(cancellationToken);
    }

    private static Task Signal(ref TaskCompletionSource? signal)
    {
        if (Volatile.Read(ref signal) is { } waited)
        {
            return waited.Task;
        }

        var own = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Interlocked.CompareExchange(ref signal, own, null) ?? own).Task;
    }

    private static void Complete(ref TaskCompletionSource? signal) => Interlocked.Exchange(ref signal, null)?.TrySetResult();
}
