namespace Cluster.Grains.Interfaces.Runs;

/// <summary>
/// How long clients wait for a silo. A client does not hear that the silo died at which its call was, so the time that it waits is the time that a user
/// does. No call lasts as long as a model or a tool.
/// </summary>
public static class CallTimeouts
{
    /// <summary>How long to wait for an answer that comes from memory, and that is asked for again if it does not come.</summary>
    public const string Question = "00:00:03";

    /// <summary>How long to wait for the cluster's pulse. It is asked for on other ways long before.</summary>
    public const string Pulse = "00:00:05";

    /// <summary>Gets how long to wait for everything else, which may write to the store.</summary>
    public static TimeSpan Default { get; } = TimeSpan.FromSeconds(10);
}
