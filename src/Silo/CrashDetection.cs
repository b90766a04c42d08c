using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace Cluster.Silo;

/// <summary>
/// Finds silos whose process is gone sooner than unanswered questions can: it keeps a connection to every other silo, and once that breaks the system of a
/// machine that lives refuses new ones at once. A silo that hangs or is slow still takes connections, and one that cannot be reached refuses none: both are
/// left to the questions.
/// </summary>
/// <param name="membership">Knows the silos, and takes the dead off.</param>
/// <param name="local">This silo.</param>
/// <param name="options">Whether refused connections count.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class CrashDetection(
    IClusterMembershipService membership, ILocalSiloDetails local, IOptions<FailureDetectionOptions> options, TimeProvider timeProvider, ILogger<CrashDetection> logger)
    : BackgroundService
{
    /// <summary>A process that restarts its listener, if there were such, would be back within this many attempts.</summary>
    private const int Refusals = 3;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    private readonly Dictionary<SiloAddress, (Task Watch, CancellationTokenSource End)> _watches = [];

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
                await FollowAsync([.. snapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress)], stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
        finally
        {
            await FollowAsync([], CancellationToken.None);
        }
    }

    /// <summary>Watches those silos and no others.</summary>
    private async Task FollowAsync(HashSet<SiloAddress> active, CancellationToken stoppingToken)
    {
        foreach (var gone in _watches.Keys.Except(active).ToArray())
        {
            _watches.Remove(gone, out var watch);
            await watch.End.CancelAsync();
            await watch.Watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            watch.End.Dispose();
        }

        foreach (var silo in active.Except(_watches.Keys).Where(silo => !silo.Equals(local.SiloAddress)).ToArray())
        {
            var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            _watches[silo] = (WatchAsync(silo, end.Token), end);
        }
    }

    private async Task WatchAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        var wasReached = false;
        for (var refusals = 0; refusals < Refusals;)
        {
            try
            {
                using var line = new Socket(silo.Endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                await line.ConnectAsync(silo.Endpoint, cancellationToken);
                (wasReached, refusals) = (true, 0);
                await HoldAsync(line, cancellationToken);
            }
            catch (SocketException failure)
            {
                // Who was never reached may be behind a wall that refuses.
                refusals = wasReached && failure.SocketErrorCode == SocketError.ConnectionRefused ? refusals + 1 : 0;
            }

            await Task.Delay(Pause, timeProvider, cancellationToken);
        }

        LogCrashed(silo);
        await membership.TryKill(silo);
    }

    /// <summary>Waits until the connection ends. The other side introduces itself and then waits for the same from here, which it never gets.</summary>
    private static async Task HoldAsync(Socket line, CancellationToken cancellationToken)
    {
        var introduction = new byte[256];
        while (await line.ReceiveAsync(introduction, cancellationToken) > 0)
        {
        }
    }

    [LoggerMessage(LogLevel.Warning, "The process of silo {Silo} is gone: its machine refuses connections to it")]
    private partial void LogCrashed(SiloAddress silo);
}
