using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cluster.Grains.Supervision;

/// <summary>Wakes the supervisors when this silo starts, and whenever it hears that another one leaves: they need not wait for their reminders then.</summary>
/// <param name="grains">Where the supervisors are.</param>
/// <param name="silos">The silos that this one knows.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class SiloLosses(IGrainFactory grains, ISiloStatusOracle silos, TimeProvider timeProvider, ILogger<SiloLosses> logger)
    : BackgroundService, ISiloStatusListener
{
    /// <summary>A silo that shuts down lets go of its grains step by step, and the directory takes a moment to forget one that died: several sweeps find them all.</summary>
    private static readonly TimeSpan[] Pauses = [TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15)];

    private static readonly TimeSpan RegistrationPause = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _lost = new(0);

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status is SiloStatus.ShuttingDown or SiloStatus.Stopping or SiloStatus.Dead && !updatedSilo.Equals(silos.SiloAddress))
        {
            LogLost(updatedSilo, status);
            _lost.Release();
        }
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
            for (var shard = 0; shard < SupervisorGrain.Shards; shard++)
            {
                await RegisterAsync(shard, stoppingToken);
            }

            await SweepAsync(stoppingToken);
            while (true)
            {
                await _lost.WaitAsync(stoppingToken);
                while (_lost.Wait(0, CancellationToken.None))
                {
                    // One round of sweeps serves all that were lost until now.
                }

                await SweepAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
        finally
        {
            silos.UnSubscribeFromSiloStatusEvents(this);
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
        foreach (var pause in Pauses)
        {
            await Task.Delay(pause, timeProvider, stoppingToken);
            for (var shard = 0; shard < SupervisorGrain.Shards; shard++)
            {
                grains.GetGrain<ISupervisorGrain>(shard).SweepAsync().Ignore();
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Silo {Silo} leaves ({Status}); its runs are looked for")]
    private partial void LogLost(SiloAddress silo, SiloStatus status);

    [LoggerMessage(LogLevel.Warning, "The reminder of supervisor {Shard} is not registered yet")]
    private partial void LogNotRegistered(Exception failure, int shard);
}
