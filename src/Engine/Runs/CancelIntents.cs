using System.Collections.Concurrent;

namespace Cluster.Engine.Runs;

/// <summary>Wishes to cancel runs that have not begun yet. They are kept for a while and up to a number: anybody can wish for anything.</summary>
/// <param name="timeProvider">The clock.</param>
internal sealed class CancelIntents(TimeProvider timeProvider)
{
    private const int MostKept = 10_000;
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _intents = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _oldestFirst = new();

    /// <summary>Remembers the wish to cancel a run.</summary>
    public void Remember(string runId)
    {
        _intents[runId] = timeProvider.GetUtcNow();
        _oldestFirst.Enqueue(runId);
        while (_oldestFirst.Count > MostKept && _oldestFirst.TryDequeue(out var oldest))
        {
            _intents.TryRemove(oldest, out _);
        }
    }

    /// <summary>Tells whether a run is to be cancelled, and forgets it.</summary>
    public bool Take(string runId) => _intents.TryRemove(runId, out var since) && timeProvider.GetUtcNow() - since < Kept;
}
