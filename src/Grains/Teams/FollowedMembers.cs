using Cluster.Grains.Interfaces.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cluster.Grains.Teams;

/// <summary>
/// Keeps what leaders on this silo know of their members up to date. After silos came or went a leader can have two activations for a moment, and news that
/// the wrong one gets are lost: members are asked for. Those whose leaders do not come back to read them, because they were cancelled or go on elsewhere, are forgotten.
/// </summary>
/// <param name="followed">The members that leaders on this silo follow.</param>
/// <param name="membership">Knows the silos.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class FollowedMembers(
    FollowedRuns followed, IClusterMembershipService membership, [FromKeyedServices(ClusterClock.Key)] TimeProvider timeProvider)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ForgetPeriod = TimeSpan.FromSeconds(10);

    private readonly AskSchedule _asks = new(timeProvider);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, timeProvider);
        var (known, forgotAt) = (MembershipVersion.MinValue, timeProvider.GetTimestamp());
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (membership.CurrentSnapshot.Version != known)
            {
                known = membership.CurrentSnapshot.Version;
                _asks.Begin();
            }

            if (_asks.IsDue())
            {
                followed.AskAgain();
            }

            if (timeProvider.GetElapsedTime(forgotAt) >= ForgetPeriod)
            {
                forgotAt = timeProvider.GetTimestamp();
                followed.ForgetAbandoned();
            }
        }
    }
}
