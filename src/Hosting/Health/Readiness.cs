using Cluster.Hosting.Start;
using Microsoft.Extensions.Hosting;

namespace Cluster.Hosting.Health;

/// <summary>
/// Tells whether this process wants work: from when everything has started until the moment that it is asked to stop, when it still answers but
/// should get nothing new.
/// </summary>
/// <param name="lifetime">The life of the host.</param>
/// <param name="start">What is still started while the web server listens; null when everything starts before it.</param>
public sealed class Readiness(IHostApplicationLifetime lifetime, BackgroundStart? start = null)
{
    private const string Starting = "starting";

    /// <summary>Gets a value indicating whether the process waits for something that it needs before it can start.</summary>
    public bool IsWaiting => start is { IsDone: false } && Reason == Starting;

    /// <summary>Gets why no work is wanted; null when it is.</summary>
    public string? Reason => lifetime switch
    {
        { ApplicationStopping.IsCancellationRequested: true } => "stopping",
        { ApplicationStarted.IsCancellationRequested: false } => Starting,
        _ when start is { IsDone: false } => Starting,
        _ => null,
    };
}
