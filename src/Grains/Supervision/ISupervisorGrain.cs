using Orleans.Concurrency;

namespace Cluster.Grains.Supervision;

/// <summary>Finds runs whose owner died and pokes them awake. There are a few; each looks after a share of the sessions.</summary>
[Alias("cluster.supervisor")]
public interface ISupervisorGrain : IGrainWithIntegerKey
{
    /// <summary>Makes sure that a reminder wakes this supervisor every minute.</summary>
    /// <returns>A task that ends when the reminder is registered.</returns>
    [Alias("start")]
    Task StartAsync();

    /// <summary>Looks for unfinished runs and sees to it that they are worked on. A sweep that is under way is followed by another one.</summary>
    /// <returns>A task that ends when the message is on its way.</returns>
    [OneWay]
    [AlwaysInterleave]
    [Alias("sweep")]
    Task SweepAsync();
}
