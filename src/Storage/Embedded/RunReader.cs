using System.Collections.Immutable;
using Cluster.Engine.Runs;

namespace Cluster.Storage.Embedded;

/// <summary>Reads logs and records of runs from disk, and keeps the records that were read last.</summary>
/// <param name="index">Where they are.</param>
/// <param name="cachedRecords">How many records to keep.</param>
internal sealed class RunReader(StoreIndex index, int cachedRecords)
{
    /// <summary>Larger records are read each time, so that the cache stays small whatever runs say.</summary>
    private const int MaxCachedBytes = 32 * 1024;

    private readonly RunEntry?[] _cached = new RunEntry?[cachedRecords];
    private int _nextCached;

    /// <summary>Reads a run's log.</summary>
    /// <returns>The log; null when the run is gone.</returns>
    public RunLogRecord? ReadLog(RunEntry run) => Read(run, head =>
    {
        var frames = new Stack<Location>();
        for (var frame = head.Frames; frame is not null; frame = frame.Previous)
        {
            frames.Push(frame.Events);
        }

        var events = ImmutableArray.CreateBuilder<RunEvent>(head.Length);
        foreach (var frame in frames)
        {
            ChangeCodec.ReadEvents(frame.Read(), events);
        }

        return new RunLogRecord(head.Generation, run.Sequence, events.DrainToImmutable());
    });

    /// <summary>Reads a run's record.</summary>
    /// <returns>The record; null when the run is gone.</returns>
    public RunRecord? ReadRecord(RunEntry run) => Read(run, head =>
    {
        if (run.Cached is not { } cached || cached.From != head.Output)
        {
            cached = new CachedRecord(head.Output, ChangeCodec.ReadOutput(head.Output.Read()));
            Keep(run, cached);
        }

        return new RunRecord(run.Sequence, run.First.Streamed, cached.Output);
    });

    // A compaction may close a file between the look at the head and the read; the head tells the new place then.
    private T? Read<T>(RunEntry run, Func<RunHead, T> read)
        where T : class
    {
        while (run.Head.Published is { } head)
        {
            try
            {
                return read(head);
            }
            catch (ObjectDisposedException) when (!ReferenceEquals(head, run.Head.Published))
            {
            }
            catch (ObjectDisposedException) when (!index.TryFindRun(run.First.RunId, out var present) || present != run)
            {
                return null;
            }
        }

        return null;
    }

    private void Keep(RunEntry run, CachedRecord record)
    {
        if (cachedRecords == 0 || record.From.Length > MaxCachedBytes)
        {
            return;
        }

        run.Cached = record;
        var slot = (int)((uint)Interlocked.Increment(ref _nextCached) % (uint)cachedRecords);
        var evicted = Interlocked.Exchange(ref _cached[slot], run);
        if (evicted is not null && evicted != run)
        {
            evicted.Cached = null;
        }
    }
}
