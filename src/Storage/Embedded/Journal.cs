namespace Cluster.Storage.Embedded;

/// <summary>The segment files of a store. Only the writer uses it.</summary>
/// <param name="directory">Where the files are.</param>
/// <param name="segments">The segments, oldest first; the last one is written to.</param>
/// <param name="segmentBytes">The size from which on a new segment is begun.</param>
internal sealed class Journal(string directory, List<Segment> segments, long segmentBytes) : IDisposable
{
    private bool _isDirty;

    public string Directory => directory;

    public Segment Active => segments[^1];

    public IReadOnlyList<Segment> Segments => segments;

    public long TotalBytes => segments.Sum(segment => segment.Length);

    /// <summary>Gets the size that the last compaction left; 0 before any.</summary>
    public long CompactedBytes => segments is [var first, { } second, ..] && second.Previous != first.Number ? first.Length : 0;

    /// <summary>
    /// Makes ready for a batch: cuts off what a failed write left, and begins a new segment when the last one is full.
    /// </summary>
    /// <exception cref="IOException">The disk does not allow it. Nothing can be written until it does.</exception>
    public void Prepare()
    {
        if (_isDirty)
        {
            Active.Truncate();
            _isDirty = false;
        }

        if (Active.Length >= segmentBytes)
        {
            Roll(skipped: 0);
        }
    }

    /// <summary>Writes a batch and makes it durable.</summary>
    /// <exception cref="IOException">The disk does not take it. Nothing of it remains, now or after the next <see cref="Prepare"/>.</exception>
    public void Append(IReadOnlyList<ReadOnlyMemory<byte>> frames, long length)
    {
        _isDirty = true;
        Active.Write(frames, Active.Length);
        Active.Flush();
        Active.Length += length;
        _isDirty = false;
    }

    /// <summary>Cuts off what a failed write left, as far as the disk allows it now.</summary>
    /// <returns>False when it has to be tried again before the next write.</returns>
    public bool TryRepair()
    {
        try
        {
            Prepare();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Begins a new segment.</summary>
    /// <param name="skipped">How many numbers to leave free before it, for a compacted segment.</param>
    public void Roll(int skipped)
    {
        var next = Segment.Create(directory, Active.Number + 1 + skipped, Active.Number);
        try
        {
            next.Publish();
        }
        catch (IOException)
        {
            next.Abandon();
            throw;
        }

        segments.Add(next);
    }

    /// <summary>Puts a compacted segment in the place of all that are older.</summary>
    /// <returns>Those that nobody needs any more.</returns>
    public List<Segment> Replace(Segment compacted)
    {
        var obsolete = segments.FindAll(segment => segment.Number < compacted.Number);
        segments.RemoveRange(0, obsolete.Count);
        segments.Insert(0, compacted);
        return obsolete;
    }

    public void Dispose() => segments.ForEach(segment => segment.Dispose());
}
