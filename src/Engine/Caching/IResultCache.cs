namespace Cluster.Engine.Caching;

/// <summary>Keeps results that may be used again for a while: answers of models and results of tools. Losing an entry costs time, never correctness.</summary>
public interface IResultCache
{
    /// <summary>Looks a result up.</summary>
    /// <param name="key">The key, a hash of what the result depends on.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The result; null when there is none or its time is over.</returns>
    ValueTask<string?> FindAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Keeps a result; an earlier one of the same key is replaced.</summary>
    /// <param name="key">The key, a hash of what the result depends on.</param>
    /// <param name="result">The result.</param>
    /// <param name="timeToLive">How long it may be used.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A task that ends when the result is kept.</returns>
    ValueTask PutAsync(string key, string result, TimeSpan timeToLive, CancellationToken cancellationToken = default);
}
