using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Contents;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cluster.Hosting.Contents;

/// <summary>Takes away, every minute, the content of media to which nothing refers any more. Several processes may do so on one store.</summary>
/// <param name="store">The store.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class MediaSweep(IMediaStore store, TimeProvider timeProvider, ILogger<MediaSweep> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, timeProvider);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await SweepAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process stops.
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever fails, for instance a store that is away, the next round follows.")]
    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        try
        {
            var gone = await store.SweepAsync(stoppingToken);
            if (gone > 0)
            {
                LogGone(gone);
            }
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(failure);
        }
    }

    [LoggerMessage(LogLevel.Information, "The content of {Count} pictures, sounds, videos or files is gone, to which no run refers any more")]
    private partial void LogGone(int count);

    [LoggerMessage(LogLevel.Warning, "Content to which no run refers cannot be taken away now; the next round follows")]
    private partial void LogFailed(Exception failure);
}
