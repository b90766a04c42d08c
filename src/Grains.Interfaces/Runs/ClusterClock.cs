namespace Cluster.Grains.Interfaces.Runs;

/// <summary>
/// The clock by which other processes are waited for. It is the system's, whatever clock runs are stamped with: a clock that a host brings, and that may stand
/// still, says nothing about how long a message that got lost has been missing.
/// </summary>
internal static class ClusterClock
{
    /// <summary>The key under which the <see cref="TimeProvider"/> is registered.</summary>
    public const string Key = "cluster";
}
