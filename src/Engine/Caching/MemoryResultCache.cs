using System.Collections.Concurrent;

namespace Cluster.Engine.Caching;

/// <summary>Keeps results in this process, a bounded number of characters of them; the oldest go first.</summary>
/// <param name="timeProvider">The clock.</param>
/// <param name="capacity">How many characters are kept at most. The default is 64 Mi.</param>
public sealed class MemoryResultCache(TimeProvider timeProvider, long capacity = 64 * 1024 * 1024) : IResultCache
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(string Key, Entry Entry)> _order = new();
    private long _size;

    /// <inheritdoc/>
    public ValueTask<string?> FindAsync(string key, CancellationToken cancellationToken = default)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            return ValueTask.FromResult<string?>(null);
        }

        if (entry.ExpiresAt > timeProvider.GetUtcNow())
        {
            return ValueTask.FromResult<string?>(entry.Result);
        }

        Remove(key, entry);
        return ValueTask.FromResult<string?>(null);
    }

    /// <inheritdoc/>
    public ValueTask PutAsync(string key, string result, TimeSpan timeToLive, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (result.Length > capacity)
        {
            return ValueTask.CompletedTask;
        }

        if (_entries.TryGetValue(key, out var earlier))
        {
            Remove(key, earlier);
        }

        var entry = new Entry(result, timeProvider.GetUtcNow() + timeToLive);
        if (_entries.TryAdd(key, entry))
        {
            Interlocked.Add(ref _size, result.Length);
            _order.Enqueue((key, entry));
        }

        while (Interlocked.Read(ref _size) > capacity && _order.TryDequeue(out var oldest))
        {
            Remove(oldest.Key, oldest.Entry);
        }

        return ValueTask.CompletedTask;
    }

    private void Remove(string key, Entry entry)
    {
        if (_entries.TryRemove(new KeyValuePair<string, Entry>(key, entry)))
        {
            Interlocked.Add(ref _size, -entry.Result.Length);
        }
    }

    private sealed class Entry(string result, DateTimeOffset expiresAt)
    {
        public string Result { get; } = result;

        public DateTimeOffset ExpiresAt { get; } = expiresAt;
    }
}
