using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Cluster.Silo;

/// <summary>
/// Finds silos whose process is gone sooner than unanswered questions can: it keeps a connection to every other silo, and once that breaks the system of a
/// machine that lives refuses new ones at once. A silo that hangs or is slow still takes connections, and one that cannot be reached refuses none: both are
/// left to the questions. It works while the silo still starts, too: after a crash of all silos the first one that returns finds only dead ones in the table
/// of members, and could not join before they are off.
/// </summary>
/// <param name="membership">Knows the silos, and takes the dead off.</param>
/// <param name="table">Has the heartbeats of silos.</param>
/// <param name="local">This silo.</param>
/// <param name="options">Whether refused connections count.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
[SuppressMessage("Maintainability", "CA1506:Avoid excessive class coupling", Justification = "It joins what the runtime and the system of a machine know of silos.")]
internal sealed partial class CrashDetection(
    IClusterMembershipService membership, IMembershipTable table, ILocalSiloDetails local, IOptions<FailureDetectionOptions> options, TimeProvider timeProvider, ILogger<CrashDetection> logger)
    : BackgroundService
{
    /// <summary>A process that restarts its listener, if there were such, would be back within this many attempts.</summary>
    private const int Refusals = 3;

    /// <summary>A silo that lives and can reach the database leaves out no three heartbeats.</summary>
    private const int MissedHeartbeats = 3;

    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    private readonly Dictionary<SiloAddress, Task> _watches = [];
    private volatile ImmutableHashSet<SiloAddress> _active = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.TrustRefusals)
        {
            return;
        }

        try
        {
            await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(stoppingToken))
            {
                Follow([.. snapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress)], stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }

        await Task.WhenAll(_watches.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Follow(ImmutableHashSet<SiloAddress> active, CancellationToken stoppingToken)
    {
        _active = active;
        foreach (var ended in _watches.Where(watch => watch.Value.IsCompleted).Select(watch => watch.Key).ToArray())
        {
            _watches.Remove(ended);
        }

        foreach (var silo in active.Except(_watches.Keys).Remove(local.SiloAddress))
        {
            _watches[silo] = WatchAsync(silo, stoppingToken);
        }
    }

    private async Task WatchAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        var wasReached = false;
        for (var refusals = 0; _active.Contains(silo);)
        {
            try
            {
                using var line = new Socket(silo.Endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                KeepAlive(line);
                await line.ConnectAsync(silo.Endpoint, cancellationToken);
                (wasReached, refusals) = (true, 0);
                await HoldAsync(line, cancellationToken);
            }
            catch (SocketException failure)
            {
                refusals = failure.SocketErrorCode == SocketError.ConnectionRefused ? refusals + 1 : 0;
            }

            // Who was never reached may be behind a wall that refuses: then its heartbeats tell whether it lives.
            if (refusals >= Refusals && (wasReached || await IsSilentAsync(silo)))
            {
                break;
            }

            await Task.Delay(refusals > Refusals ? RetryPause : Pause, timeProvider, cancellationToken);
        }

        // One that left in order, or that others found first, needs no more.
        if (_active.Contains(silo))
        {
            LogCrashed(silo);
            await KillAsync(silo, cancellationToken);
        }
    }

    /// <summary>Tells whether a silo has not written for a while that it lives.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Without the database nothing is known of the silo, and nothing can be done to it.")]
    private async Task<bool> IsSilentAsync(SiloAddress silo)
    {
        try
        {
            var row = await table.ReadRowAsync(silo, CancellationToken.None);
            return row.TryGet(silo) is { Item1: var entry }
                && timeProvider.GetUtcNow().UtcDateTime - Later(entry.IAmAliveTime, entry.StartTime) > FailureDetection.HeartbeatPeriod * MissedHeartbeats;
        }
        catch (Exception)
        {
            return false;
        }
    }

    private static DateTime Later(DateTime one, DateTime other) => one > other ? one : other;

    /// <summary>A machine that vanishes says nothing: the system has to ask whether it is still there.</summary>
    private static void KeepAlive(Socket line)
    {
        line.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        line.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 5);
        line.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 2);
    }

    /// <summary>The database may be away. As long as nobody else takes the silo off, it is tried again.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever fails, the silo is gone all the same.")]
    private async Task KillAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        while (_active.Contains(silo))
        {
            try
            {
                await membership.TryKill(silo);
                return;
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotTakenOff(failure, silo);
            }

            await Task.Delay(RetryPause, timeProvider, cancellationToken);
        }
    }

    /// <summary>Waits until the connection ends. The other side introduces itself and then waits for the same from here, which it never gets.</summary>
    private static async Task HoldAsync(Socket line, CancellationToken cancellationToken)
    {
        var introduction = new byte[256];
        while (await line.ReceiveAsync(introduction, cancellationToken) > 0)
        {
        }
    }

    [LoggerMessage(LogLevel.Warning, "Silo {Silo} is gone and could not be taken off the membership; it is tried again")]
    private partial void LogNotTakenOff(Exception failure, SiloAddress silo);

    [LoggerMessage(LogLevel.Warning, "The process of silo {Silo} is gone: its machine refuses connections to it")]
    private partial void LogCrashed(SiloAddress silo);
}
