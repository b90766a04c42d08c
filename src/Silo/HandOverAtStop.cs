using Cluster.Grains.Runs;
using Microsoft.Extensions.Options;

namespace Cluster.Silo;

/// <summary>Lets runs finish their current step before the silo leaves the cluster and others go on with them.</summary>
/// <param name="handOver">The runs of this silo.</param>
/// <param name="options">How long to wait.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class HandOverAtStop(RunHandOver handOver, IOptions<SiloOptions> options, TimeProvider timeProvider, ILogger<HandOverAtStop> logger)
    : IHostedLifecycleService
{
    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var working = handOver.Working;
        using var time = new CancellationTokenSource(TimeSpan.FromSeconds(options.Value.HandOverSeconds), timeProvider);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        try
        {
            await handOver.BeginAsync(stop.Token);
        }
        catch (OperationCanceledException)
        {
            LogCutOff(handOver.Working);
        }

        if (working > 0)
        {
            LogHandedOver(working);
        }
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Information, "{Count} runs were at work and go on elsewhere")]
    private partial void LogHandedOver(int count);

    [LoggerMessage(LogLevel.Warning, "{Count} runs did not finish their step in time; it is taken again elsewhere")]
    private partial void LogCutOff(int count);
}
