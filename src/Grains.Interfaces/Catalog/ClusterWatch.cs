using System.Diagnostics.CodeAnalysis;
using Cluster.Grains.Interfaces.Runs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cluster.Grains.Interfaces.Catalog;

/// <summary>
/// Feels the cluster's pulse once a second. When silos come or go, the news of followed runs are asked for again; when definitions change, they are
/// read again.
/// </summary>
/// <param name="grains">Where the catalog is.</param>
/// <param name="agents">What is read from it.</param>
/// <param name="runs">The runs that are followed.</param>
/// <param name="news">Brings their news.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class ClusterWatch(
    IGrainFactory grains, ClusterAgents agents, FollowedRuns runs, NewsSubscription news, TimeProvider timeProvider, ILogger<ClusterWatch> logger)
    : BackgroundService, IHostedLifecycleService, IClusterConnection
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private ClusterPulse _pulse = new(string.Empty, string.Empty);
    private volatile bool _isConnected;

    /// <summary>Gets a value indicating whether the last pulse was felt.</summary>
    public bool IsConnected => _isConnected;

    /// <summary>Waits for the first pulse: a process that knows no agent yet must not answer.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A task that ends when agents and news are there.</returns>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        while (!await TryFeelAsync())
        {
            await Task.Delay(Period, timeProvider, cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    /// <summary>Lets the readers go before the web server stops: it waits for them, and they wait for their runs.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A task that ends when the readers have been told.</returns>
    public Task StoppingAsync(CancellationToken cancellationToken) => runs.StopAsync();

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends the subscription, so that the silos need not find out that nobody listens.</summary>
    /// <param name="cancellationToken">Stops waiting for the silos.</param>
    /// <returns>A task that ends when no news come any more.</returns>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The process ends either way; silos that are gone cannot be told.")]
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await news.EndAsync().WaitAsync(cancellationToken);
        }
        catch (Exception failure)
        {
            LogNoPulse(failure.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, timeProvider);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryFeelAsync();
            runs.ForgetAbandoned();
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever keeps the pulse away now, it is felt again in a second.")]
    private async Task<bool> TryFeelAsync()
    {
        try
        {
            await FeelAsync();
            _isConnected = true;
        }
        catch (Exception failure)
        {
            // Said once, not every second.
            if (_isConnected || _pulse.Members.Length == 0)
            {
                LogNoPulse(failure.Message);
            }

            _isConnected = false;
        }

        return _isConnected;
    }

    private async Task FeelAsync()
    {
        var catalog = grains.GetGrain<ICatalogGrain>(0);
        var pulse = await catalog.PulseAsync();
        if (pulse.Definitions != _pulse.Definitions)
        {
            agents.Update(await catalog.ListAgentsAsync());
        }

        if (pulse.Members != _pulse.Members || !_isConnected)
        {
            // Before, because the subscription may take a while where its silo died; after, because what was sent without it is lost.
            runs.AskAgain();
            await news.RenewAsync();
            runs.AskAgain();
            LogMembers(pulse.Members);
        }

        _pulse = pulse;
    }

    [LoggerMessage(LogLevel.Warning, "The cluster does not answer ({Reason}); trying again every second")]
    private partial void LogNoPulse(string reason);

    [LoggerMessage(LogLevel.Information, "The cluster consists of {Silos}")]
    private partial void LogMembers(string silos);
}
