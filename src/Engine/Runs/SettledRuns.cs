using Cluster.Engine.Limits;

namespace Cluster.Engine.Runs;

/// <summary>The runs of all tenants that have settled and are still at hand, the newest of them: so many, and so many bytes.</summary>
internal sealed class SettledRuns
{
    private const int Most = 256;

    /// <summary>A run that is larger than this does not push all others out.</summary>
    private const long LargestKept = 64 * 1024 * 1024;

    private readonly Queue<(RunOwners Owners, string RunId, long Bytes)> _runs = new();
    private long _bytes;

    /// <summary>Gets or sets how many bytes they take together.</summary>
    public long Limit { get; set; } = new MemoryOptions().SettledRunBytes;

    /// <summary>Keeps a run, and lets older ones go.</summary>
    public void Add(RunOwners owners, string runId, long bytes)
    {
        if (bytes > Limit && bytes > LargestKept)
        {
            // Whoever waits for its outcome has the owner; whoever comes later reads the record.
            owners.Forget(runId);
            return;
        }

        lock (_runs)
        {
            // The last one stays also when it is larger than all may be together: its caller has not had the outcome yet.
            _runs.Enqueue((owners, runId, bytes));
            for (_bytes += bytes; _runs.Count > 1 && (_runs.Count > Most || _bytes > Limit);)
            {
                var oldest = _runs.Dequeue();
                _bytes -= oldest.Bytes;
                oldest.Owners.Forget(oldest.RunId);
            }
        }
    }
}
