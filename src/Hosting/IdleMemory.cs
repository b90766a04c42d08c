namespace Cluster.Hosting;

/// <summary>
/// Gives memory back when a process has become quiet, or holds much of what it may. The runtime collects when something is allocated: a process that has just
/// served large requests and then none would keep what they took for as long as nobody comes.
/// </summary>
internal sealed class IdleMemory : IDisposable
{
    private const long MiB = 1024 * 1024;

    /// <summary>Less is not worth the pause.</summary>
    private const long LeastBytes = 64 * MiB;

    /// <summary>The share of one core below which a process is quiet.</summary>
    private const double Quiet = 0.1;

    /// <summary>Pools of arrays let go what nobody has used for a minute, and only see that time has passed when memory is collected.</summary>
    private const int Rounds = 4;

    /// <summary>The share of what it may use that a heap holds before somebody looks whether it needs it. In a small container the runtime itself would wait for three quarters, and count nothing else that a process has.</summary>
    private const int LargeShare = 3;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private readonly ITimer _timer;
    private TimeSpan _used;
    private int _rounds;
    private long _kept;

    /// <summary>Begins to look.</summary>
    /// <param name="timeProvider">The clock.</param>
    public IdleMemory(TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        _timer = timeProvider.CreateTimer(static memory => ((IdleMemory)memory!).Look(), this, Period, Period);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>Tells whether a process is quiet and would give back much.</summary>
    /// <param name="used">The processor time that it used since the last look.</param>
    /// <param name="held">The bytes that its heap holds.</param>
    /// <param name="kept">The bytes that it held after memory was last given back; 0 when it never was.</param>
    /// <returns>True when it is time to give memory back.</returns>
    internal static bool IsDue(TimeSpan used, long held, long kept) => used < Period * Quiet && held - kept > Math.Max(LeastBytes, kept / 2);

    /// <summary>Tells whether a process that is at work holds so much that it should be looked through. Grains that live for minutes end up among what is collected last.</summary>
    /// <param name="held">The bytes that its heap holds.</param>
    /// <param name="available">The bytes that it may use.</param>
    /// <returns>True when it holds more than a third.</returns>
    internal static bool IsLarge(long held, long available) => held > available / LargeShare;

    private void Look()
    {
        var used = Environment.CpuUsage.TotalTime;
        var memory = GC.GetGCMemoryInfo();
        var (recently, held) = (used - _used, memory.TotalCommittedBytes);
        _used = used;
        _rounds = IsDue(recently, held, _kept) ? Rounds : _rounds;
        if (_rounds > 0 && recently < Period * Quiet)
        {
            _rounds--;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            _kept = GC.GetGCMemoryInfo().TotalCommittedBytes;
        }
        else if (IsLarge(held, memory.TotalAvailableMemoryBytes))
        {
            // Beside the work, which waits for no more than it would for any other collection.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        }
    }
}
