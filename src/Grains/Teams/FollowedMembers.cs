using Cluster.Grains.Interfaces.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cluster.Grains.Teams;

/// <summary>Forgets the members whose leaders do not come back to read them: they were cancelled, or go on elsewhere.</summary>
/// <param name="followed">The members that leaders on this silo follow.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class FollowedMembers(FollowedRuns followed, [FromKeyedServices(ClusterClock.Key)] TimeProvider timeProvider) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, timeProvider);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            followed.ForgetAbandoned();
        }
    }
}
