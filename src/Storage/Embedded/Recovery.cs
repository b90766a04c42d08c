using Cluster.Engine.Errors;
using Microsoft.Extensions.Logging;

namespace Cluster.Storage.Embedded;

/// <summary>
/// Rebuilds the index from a directory. Nothing is changed before everything was read: a damaged directory stays as it is.
/// </summary>
/// <param name="directory">The directory.</param>
/// <param name="logger">Hears what was found.</param>
internal sealed class Recovery(string directory, ILogger logger)
{
    /// <summary>Reads everything, then drops a torn tail and the files that a compaction has replaced.</summary>
    /// <returns>The index, and the segments that are needed, oldest first.</returns>
    /// <exception cref="InvalidDataException">The directory is damaged or newer than this software.</exception>
    public (StoreIndex Index, List<Segment> Segments) Recover()
    {
        var all = OpenAll();
        try
        {
            var needed = all[Math.Max(0, all.FindLastIndex(segment => segment.Previous == 0))..];
            CheckChain(needed);
            var index = new StoreIndex();
            var staging = new Staging(index);
            foreach (var segment in needed)
            {
                Replay(segment, staging, isLast: segment == needed[^1]);
            }

            CleanUp(all.Except(needed), needed);
            return (index, needed);
        }
        catch
        {
            all.ForEach(segment => segment.Dispose());
            throw;
        }
    }

    private List<Segment> OpenAll()
    {
        var segments = new List<Segment>();
        try
        {
            segments.AddRange(Segment.List(directory).Select(Segment.Open));
        }
        catch
        {
            segments.ForEach(segment => segment.Dispose());
            throw;
        }

        return segments;
    }

    // The segment after a compacted one follows one that the compaction has replaced.
    private void CheckChain(List<Segment> segments)
    {
        if (segments is [{ Previous: not 0 } first, ..])
        {
            throw Missing(first.Previous);
        }

        for (var next = 1; next < segments.Count; next++)
        {
            var (before, after) = (segments[next - 1], segments[next]);
            if (after.Previous != before.Number && (before.Previous != 0 || after.Previous > before.Number))
            {
                throw Missing(after.Previous);
            }
        }
    }

    private InvalidDataException Missing(long number) =>
        new($"The store in '{directory}' lacks its file number {number}. Put the file back or restore the directory from a backup. Nothing was changed.");

    private static void Replay(Segment segment, Staging staging, bool isLast)
    {
        var scan = new SegmentScan(segment);
        while (true)
        {
            var offset = scan.Position;
            if (!scan.TryNext(out var frame))
            {
                break;
            }

            Apply(segment, offset, frame, staging);
        }

        segment.Length = scan.Position;
        if (!scan.IsAtEnd && (!isLast || scan.HasLaterBatch()))
        {
            throw Damaged(segment, scan.Position, "a frame has a wrong checksum and good ones follow it");
        }
    }

    private static void Apply(Segment segment, long offset, ReadOnlySpan<byte> frame, Staging staging)
    {
        try
        {
            var staged = staging.Stage(ChangeCodec.Decode(frame), new FramePlace(segment, offset, Frame.ReadLayout(frame)));
            if (!staged.IsWritten)
            {
                throw new InvalidDataException("it changes nothing and would not have been written");
            }

            staging.Publish();
        }
        catch (Exception error) when (error is EngineException or InvalidDataException or System.Text.Json.JsonException)
        {
            throw Damaged(segment, offset, error.Message, error);
        }
    }

    private static InvalidDataException Damaged(Segment segment, long offset, string reason, Exception? cause = null) =>
        new($"'{segment.Path}' is damaged at offset {offset}: {reason}. Restore the directory from a backup. Nothing was changed.", cause);

    private void CleanUp(IEnumerable<Segment> obsolete, List<Segment> needed)
    {
        foreach (var segment in obsolete.ToArray())
        {
            segment.Abandon();
            JournalLog.Deleted(logger, segment.Path);
        }

        foreach (var path in Directory.EnumerateFiles(directory, "*" + Segment.Temporary).ToArray())
        {
            File.Delete(path);
        }

        if (needed.Count == 0)
        {
            var first = Segment.Create(directory, number: 1, previous: 0);
            needed.Add(first);
            first.Publish();
        }

        var last = needed[^1];
        if (last.FileLength > last.Length)
        {
            JournalLog.Truncated(logger, last.Path, last.Length, last.FileLength - last.Length);
            last.Truncate();
        }
    }
}
