using System.Diagnostics.CodeAnalysis;
using Cluster.Grains.Interfaces.Runs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cluster.Grains.Supervision;

/// <summary>
/// Sweeps a share of the sessions when this silo starts, and whenever it hears that another one leaves; leaders of teams ask for their members again then. It
/// also sees to the reminders of the supervisors.
/// </summary>
/// <param name="grains">Where the supervisors are.</param>
/// <param name="sweep">Calls the sessions.</param>
/// <param name="followed">The members that leaders on this silo follow.</param>
/// <param name="silos">The silos that this one knows.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class SiloLosses(
    IGrainFactory grains, RunSweep sweep, FollowedRuns followed, ISiloStatusOracle silos, TimeProvider timeProvider, ILogger<SiloLosses> logger)
    : BackgroundService, ISiloStatusListener
{
    /// <summary>A silo that shuts down lets go of its grains step by step, and the directory takes a moment to forget one that died: several sweeps find them all.</summary>
    private static readonly TimeSpan[] Pauses =
        [.. new[] { 0.5, 0.5, 0.5, 0.5, 1, 2, 4, 15 }.Select(TimeSpan.FromSeconds)];

    private static readonly TimeSpan RegistrationPause = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _lost = new(0);
    private Task _registering = Task.CompletedTask;

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status is SiloStatus.ShuttingDown or SiloStatus.Stopping or SiloStatus.Dead && !updatedSilo.Equals(silos.SiloAddress))
        {
            LogLost(updatedSilo, status);
            _lost.Release();
        }

        // Members may have lost their silo, and with it whoever sends their news.
        followed.AskAgain();
    }

    public override void Dispose()
    {
        _lost.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        silos.SubscribeToSiloStatusEvents(this);
        try
        {
            _registering = RegisterAllAsync(stoppingToken);
            while (true)
            {
                await SweepAsync(stoppingToken);
                await _lost.WaitAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
        finally
        {
            await _registering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            silos.UnSubscribeFromSiloStatusEvents(this);
        }
    }

    private async Task RegisterAllAsync(CancellationToken stoppingToken)
    {
        for (var shard = 0; shard < SupervisorGrain.Shards; shard++)
        {
            await RegisterAsync(shard, stoppingToken);
        }
    }

    /// <summary>The reminder service may not be ready yet, or its table away.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The silo works without the reminder; it is tried until it is there.")]
    private async Task RegisterAsync(int shard, CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await grains.GetGrain<ISupervisorGrain>(shard).StartAsync();
                return;
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotRegistered(failure, shard);
            }

            await Task.Delay(RegistrationPause, timeProvider, stoppingToken);
        }
    }

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        await SweepOnceAsync(stoppingToken);
        for (var next = 0; next < Pauses.Length; next++)
        {
            if (await _lost.WaitAsync(Pauses[next], stoppingToken))
            {
                // Another silo is lost: its runs must not wait for the long pauses of this round.
                next = -1;
            }

            await SweepOnceAsync(stoppingToken);
        }
    }

    /// <summary>The silos divide the sessions among themselves. Where they do not agree yet who is there, some are called twice, or by the next sweep.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever fails, the next sweep follows.")]
    private async Task SweepOnceAsync(CancellationToken stoppingToken)
    {
        var active = silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Order().ToArray();
        var rank = Array.IndexOf(active, silos.SiloAddress);
        if (rank < 0)
        {
            return;
        }

        try
        {
            await sweep.SweepAsync(rank, active.Length, stoppingToken);
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            LogNotSwept(failure);
        }
    }

    [LoggerMessage(LogLevel.Information, "Silo {Silo} leaves ({Status}); its runs are looked for")]
    private partial void LogLost(SiloAddress silo, SiloStatus status);

    [LoggerMessage(LogLevel.Warning, "The reminder of supervisor {Shard} is not registered yet")]
    private partial void LogNotRegistered(Exception failure, int shard);

    [LoggerMessage(LogLevel.Error, "Unfinished runs could not be looked for; the next sweep follows")]
    private partial void LogNotSwept(Exception failure);
}
