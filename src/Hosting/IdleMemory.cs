namespace Cluster.Hosting;

/// <summary>
/// Gives memory back when a process has become quiet. The runtime collects when something is allocated: a process that has just served large requests and
/// then none would keep what they took for as long as nobody comes.
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

    private void Look()
    {
        var used = Environment.CpuUsage.TotalTime;
        var (recently, held) = (used - _used, GC.GetGCMemoryInfo().TotalCommittedBytes);
        _used = used;
        _rounds = IsDue(recently, held, _kept) ? Rounds : _rounds;
        if (_rounds > 0 && recently < Period * Quiet)
        {
            _rounds--;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            _kept = GC.GetGCMemoryInfo().TotalCommittedBytes;
        }
    }
}
