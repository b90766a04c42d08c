using System.Diagnostics.CodeAnalysis;
using Cluster.Grains.Interfaces.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cluster.Grains.Interfaces.Catalog;

/// <summary>
/// Feels the cluster's pulse twice a second, at whichever silo answers. When silos come or go, the news of followed runs are asked for again; when definitions
/// change, they are read again. Neither is part of the pulse: a cluster is there as long as one of its silos is.
/// </summary>
/// <param name="grains">Where the catalog is.</param>
/// <param name="agents">What is read from it.</param>
/// <param name="runs">The runs that are followed.</param>
/// <param name="news">Brings their news.</param>
/// <param name="renewal">Has them brought when silos came or went.</param>
/// <param name="changes">Hears of it, for calls that wait.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class ClusterWatch(
    IGrainFactory grains,
    ClusterAgents agents,
    FollowedRuns runs,
    NewsSubscription news,
    NewsRenewal renewal,
    MemberChanges changes,
    [FromKeyedServices(ClusterClock.Key)] TimeProvider timeProvider,
    ILogger<ClusterWatch> logger)
    : BackgroundService, IHostedLifecycleService, IClusterConnection
{
    /// <summary>Each number is a grain of its own, and so has a way of its own: one may lead through a silo that hangs, and the next one does not.</summary>
    private const int Ways = 16;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    /// <summary>A silo that hangs keeps its connections for as long as it takes to be found out; meanwhile the others are asked.</summary>
    private static readonly Repetition Feeling = new([TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)], TimeSpan.FromSeconds(6));

    /// <summary>
    /// How long the cluster is held to be there after it answered: as long as a call waits. A machine that is overloaded answers late, and a gateway that turns
    /// its users away then makes it worse.
    /// </summary>
    private static readonly TimeSpan Trust = CallTimeouts.Default;

    private ClusterPulse _pulse = new(string.Empty, string.Empty);
    private int _way;
    private long _answeredAt;
    private bool _isLost;

    /// <summary>Gets a value indicating whether any silo answered within the last seconds.</summary>
    public bool IsConnected => Volatile.Read(ref _answeredAt) is var answered and > 0 && timeProvider.GetElapsedTime(answered) < Trust;

    /// <inheritdoc/>
    public string? StoreFailure => _pulse.StoreFailure;

    /// <summary>Waits for the first pulse: a process that knows no agent yet must not answer.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A task that ends when agents and news are there.</returns>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        while (!await TryFeelAsync(cancellationToken))
        {
            await Task.Delay(Period, timeProvider, cancellationToken);
        }

        // Without news the runs are asked for, which is slower but works.
        await Task.WhenAny(renewal.Renew(), Task.Delay(Trust, timeProvider, cancellationToken));
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
            await renewal.StopAsync().WaitAsync(cancellationToken);
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
            await TryFeelAsync(stoppingToken);
            renewal.AskWhenDue();
            runs.ForgetAbandoned();
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever keeps the pulse away now, it is felt again soon.")]
    private async Task<bool> TryFeelAsync(CancellationToken cancellationToken)
    {
        try
        {
            var pulse = await Feeling.MakeAsync(FeelAsync, changes: null, timeProvider, cancellationToken);
            Volatile.Write(ref _answeredAt, timeProvider.GetTimestamp());
            Notice(pulse);
            await TakeInAsync(pulse);
            _pulse = pulse;
            _isLost = false;
            return true;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // Said once, not each time.
            if (!_isLost)
            {
                LogNoPulse(failure.Message);
                _isLost = true;
            }

            return false;
        }
    }

    /// <summary>Asks on the way that was answered last, and on the next one when it is not.</summary>
    private async Task<ClusterPulse> FeelAsync()
    {
        var way = _way++;
        var pulse = await Catalog(way).PulseAsync();
        _way = way;
        return pulse;
    }

    private void Notice(ClusterPulse pulse)
    {
        var isFirst = _pulse.Members.Length == 0;
        if (pulse.Members != _pulse.Members || _isLost)
        {
            LogMembers(pulse.Members);
            if (!isFirst)
            {
                changes.Announce();
                _ = renewal.Renew();
            }
        }

        _pulse = _pulse with { Members = pulse.Members };
    }

    private async Task TakeInAsync(ClusterPulse pulse)
    {
        if (pulse.Definitions != _pulse.Definitions)
        {
            agents.Update(await Catalog(_way).ListAgentsAsync());
        }
    }

    private ICatalogGrain Catalog(int way) => grains.GetGrain<ICatalogGrain>(way % Ways);

    [LoggerMessage(LogLevel.Warning, "The cluster does not answer ({Reason}); trying again twice a second")]
    private partial void LogNoPulse(string reason);

    [LoggerMessage(LogLevel.Information, "The cluster consists of {Silos}")]
    private partial void LogMembers(string silos);
}
