using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Runs;
using Cluster.Storage.Postgres.Claims;

namespace Cluster.Standalone;

/// <summary>
/// Tries again the runs that could not be recorded, when it is time for each, and looks for unfinished ones when the database was claimed again: somebody else
/// may have worked on it in between.
/// </summary>
/// <param name="hosts">The host of the runs.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
/// <param name="claim">The claim of the database; null where there is none.</param>
internal sealed partial class RunRetries(InProcessRunHosts hosts, TimeProvider timeProvider, ILogger<RunRetries> logger, DatabaseClaim? claim = null) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private int _claims;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _claims = claim?.Times ?? 0;
        using var timer = new PeriodicTimer(Period, timeProvider);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await RetryAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever fails, for instance a store that is away, the next try follows.")]
    private async Task RetryAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (claim is { Missing: null } held && held.Times != _claims)
            {
                var times = held.Times;
                await hosts.RecoverAsync(stoppingToken);
                _claims = times;
            }

            await hosts.RetryAsync(stoppingToken);
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(failure);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Runs that could not be recorded cannot be tried again now; the next try follows")]
    private partial void LogFailed(Exception failure);
}
