namespace Cluster.Grains.Supervision;

/// <summary>Finds runs whose owner died and pokes them awake, once a minute. There are a few; each looks after a share of the sessions.</summary>
[Alias("cluster.supervisor")]
public interface ISupervisorGrain : IGrainWithIntegerKey
{
    /// <summary>Makes sure that a reminder wakes this supervisor every minute.</summary>
    /// <returns>A task that ends when the reminder is registered.</returns>
    [Alias("start")]
    Task StartAsync();
}
