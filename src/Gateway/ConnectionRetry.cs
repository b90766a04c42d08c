namespace Cluster.Gateway;

/// <summary>Keeps looking for silos at start: a gateway may well start before them.</summary>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class ConnectionRetry(TimeProvider timeProvider, ILogger<ConnectionRetry> logger) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private bool _isSaid;

    /// <inheritdoc/>
    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (!_isSaid)
        {
            LogWaiting(exception.Message);
            _isSaid = true;
        }

        await Task.Delay(Pause, timeProvider, cancellationToken);
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "No silo answers yet ({Reason}); trying again every second. Start one with 'dotnet run --project src/Silo'")]
    private partial void LogWaiting(string reason);
}
