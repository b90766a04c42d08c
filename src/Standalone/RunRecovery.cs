using Cluster.Engine.Runs;

namespace Cluster.Standalone;

/// <summary>Takes up, at start, the runs that an earlier process left unfinished, and hands over those that are at work at the end.</summary>
/// <param name="host">The host of the runs.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class RunRecovery(InProcessRunHost host, ILogger<RunRecovery> logger) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var count = await host.RecoverAsync(cancellationToken);
        if (count > 0)
        {
            LogRecovered(count);
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => host.StopAsync(cancellationToken);

    [LoggerMessage(LogLevel.Information, "{Count} unfinished runs of an earlier process go on")]
    private partial void LogRecovered(int count);
}
