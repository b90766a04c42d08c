using Cluster.Engine.Runs;
using Microsoft.Extensions.Options;

namespace Cluster.Standalone;

/// <summary>Takes up, at start, the runs that an earlier process left unfinished, and hands over those that are at work at the end.</summary>
/// <param name="hosts">The host of the runs.</param>
/// <param name="options">How long steps may take at the end.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class RunRecovery(InProcessRunHosts hosts, IOptions<StandaloneOptions> options, TimeProvider timeProvider, ILogger<RunRecovery> logger) : IHostedLifecycleService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var count = await hosts.RecoverAsync(cancellationToken);
        if (count > 0)
        {
            LogRecovered(count);
        }
    }

    /// <summary>Stops the runs before the web server stops, after the steps under way where these end in time: it waits for its readers, and they wait for the runs.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A task that ends when no run works any more.</returns>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var handingOver = hosts.HandOverAsync(cancellationToken).WaitAsync(TimeSpan.FromSeconds(options.Value.HandOverSeconds), timeProvider, cancellationToken);
        await handingOver.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await hosts.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Information, "{Count} unfinished runs of an earlier process go on")]
    private partial void LogRecovered(int count);
}
