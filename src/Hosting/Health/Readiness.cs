using Microsoft.Extensions.Hosting;

namespace Cluster.Hosting.Health;

/// <summary>
/// Tells whether this process wants work: from when everything has started until the moment that it is asked to stop, when it still answers but
/// should get nothing new.
/// </summary>
/// <param name="lifetime">The life of the host.</param>
public sealed class Readiness(IHostApplicationLifetime lifetime)
{
    /// <summary>Gets why no work is wanted; null when it is.</summary>
    public string? Reason => lifetime switch
    {
        { ApplicationStopping.IsCancellationRequested: true } => "stopping",
        { ApplicationStarted.IsCancellationRequested: false } => "starting",
        _ => null,
    };
}
