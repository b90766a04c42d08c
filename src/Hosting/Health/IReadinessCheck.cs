namespace Cluster.Hosting.Health;

/// <summary>Something that this process cannot work without. Every check is asked each time that readiness is: keep it to one cheap question.</summary>
public interface IReadinessCheck
{
    /// <summary>Gets the name in the answer, lower case, for instance <c>store</c>.</summary>
    string Name { get; }

    /// <summary>Gets how long the check may take before it counts as failed. The default is two seconds.</summary>
    TimeSpan Timeout => TimeSpan.FromSeconds(2);

    /// <summary>Checks. What it throws counts as not ready: it is logged, and callers are told that the check failed.</summary>
    /// <param name="cancellationToken">Stops the check when its time is over.</param>
    /// <returns>Why the process is not ready, a few words that anybody may read; null when it is.</returns>
    ValueTask<string?> CheckAsync(CancellationToken cancellationToken = default);
}
