using System.Collections.Immutable;
using Cluster.Engine.Limits;
using Cluster.Engine.Runs;

namespace Cluster.Grains.Interfaces.Runs;

/// <summary>Pages of a run's older events. A page is read once for all readers that want it at a time, and the last ones are kept for those that come soon.</summary>
/// <param name="memory">What all runs hold.</param>
internal sealed class FollowedPages(FollowedMemory memory)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, Task<ImmutableArray<RunEvent>?>> _pages = [];
    private readonly Queue<(long Cursor, long Bytes)> _kept = new();
    private long _bytes;
    private int _edition;

    /// <summary>Reads a page.</summary>
    /// <param name="cursor">The last index that the reader has.</param>
    /// <param name="read">Reads the page from the run's owner: no events when it could not be reached, null when there is none.</param>
    /// <returns>The page; it may be shared.</returns>
    public Task<ImmutableArray<RunEvent>?> ReadAsync(long cursor, Func<Task<ImmutableArray<RunEvent>?>> read)
    {
        lock (_lock)
        {
            return _pages.TryGetValue(cursor, out var page) ? page : _pages[cursor] = ReadAndKeepAsync(cursor, read, _edition);
        }
    }

    /// <summary>Forgets all pages: another owner may tell the same in other pieces.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _edition++;
            _pages.Clear();
            _kept.Clear();
            Hold(-_bytes);
        }
    }

    private async Task<ImmutableArray<RunEvent>?> ReadAndKeepAsync(long cursor, Func<Task<ImmutableArray<RunEvent>?>> read, int edition)
    {
        // It must not end before it is known.
        await Task.Yield();
        ImmutableArray<RunEvent>? page = null;
        try
        {
            return page = await read();
        }
        finally
        {
            Keep(cursor, page ?? [], edition);
        }
    }

    private void Keep(long cursor, ImmutableArray<RunEvent> page, int edition)
    {
        lock (_lock)
        {
            if (edition != _edition)
            {
                return;
            }

            if (page.IsEmpty)
            {
                _pages.Remove(cursor);
                return;
            }

            var bytes = page.Sum(EventSizes.Of);
            _kept.Enqueue((cursor, bytes));
            Hold(bytes);
            for (var limit = memory.RunLimit; _bytes > limit && _kept.TryDequeue(out var oldest);)
            {
                _pages.Remove(oldest.Cursor);
                Hold(-oldest.Bytes);
            }
        }
    }

    private void Hold(long bytes)
    {
        _bytes += bytes;
        memory.Add(bytes);
    }
}
