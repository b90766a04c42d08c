namespace Cluster.Engine.Storage;

/// <summary>Tells whether what a store is asked to write is written. Stores that keep nothing beyond the process need none.</summary>
public interface IStoreHealth
{
    /// <summary>Gets why the last write failed, in a few words that anybody may read; null when it was written, and before any.</summary>
    string? LastFailure { get; }

    /// <summary>
    /// Looks whether writes fail. That costs nothing while the last one was written; otherwise a small one is tried, at most once a second, so that a store
    /// nobody writes to any more is found well again.
    /// </summary>
    /// <param name="cancellationToken">Stops looking.</param>
    /// <returns>Why they fail, in a few words that anybody may read; null when they do not.</returns>
    ValueTask<string?> FindFailureAsync(CancellationToken cancellationToken = default);
}
