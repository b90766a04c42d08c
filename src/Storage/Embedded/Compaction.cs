using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Approvals;
using Cluster.Engine.Errors;
using Cluster.Engine.Memory;
using Cluster.Engine.Sessions;
using Microsoft.Extensions.Logging;

namespace Cluster.Storage.Embedded;

/// <summary>
/// Rewrites what is alive into one new segment when most of a journal is dead. It works beside the writer, on the index as it was when it began:
/// the writer goes on in a segment after the new one, and waits only while heads are copied and, at the end, while they learn their new places.
/// The rename of the new segment is the one step that counts; a crash before it leaves the old segments, a crash after it the new one.
/// </summary>
/// <param name="journal">The segments.</param>
/// <param name="index">What is alive.</param>
/// <param name="logger">Hears of the outcome.</param>
internal sealed class Compaction(Journal journal, StoreIndex index, ILogger logger)
{
    private long _notBefore;

    /// <summary>Tells whether it is worth while: most bytes are dead, and the journal has doubled since the last time. Only the writer may ask.</summary>
    public bool IsDue(long minimumBytes)
    {
        var total = journal.TotalBytes;
        return total >= Math.Max(minimumBytes, Volatile.Read(ref _notBefore)) && total - index.LiveBytes > total / 2 && total >= 2 * journal.CompactedBytes;
    }

    /// <summary>Compacts.</summary>
    /// <param name="writer">The writer.</param>
    /// <param name="cancellationToken">Gives up and leaves everything as it is.</param>
    /// <returns>A task that ends when it is done or has failed.</returns>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The journal owns the segment once it counts; a failure before that abandons it.")]
    public async Task RunAsync(JournalWriter writer, CancellationToken cancellationToken)
    {
        Segment? compacted = null;
        try
        {
            var snapshot = await writer.InTurnAsync(Begin, cancellationToken);
            compacted = Segment.Create(journal.Directory, snapshot.Number, previous: 0);
            var moves = Write(compacted, snapshot, cancellationToken);
            compacted.Flush();
            await writer.InTurnAsync(() => End(compacted, moves), CancellationToken.None);
            JournalLog.Compacted(logger, journal.Directory, snapshot.TotalBytes, compacted.Length);
        }
        catch (Exception error) when (JournalWriter.IsDiskError(error) || error is UnavailableException or OperationCanceledException)
        {
            JournalLog.CompactionFailed(logger, error, journal.Directory);
            if (compacted is not null)
            {
                Delete(compacted);
            }
        }
    }

    private Snapshot Begin()
    {
        // A compaction that fails is tried again when as much was written as is there now, not after every batch.
        Volatile.Write(ref _notBefore, 2 * journal.TotalBytes);
        journal.Prepare();
        journal.Roll(skipped: 1);
        return new Snapshot(
            journal.TotalBytes,
            journal.Active.Number - 1,
            index.Sequence,
            [.. index.Sessions.Select(session => session.Head.Published!.Record)],
            [.. index.Approvals.Published],
            [.. index.Memories.Published],
            [.. index.Runs.Select(run => (run, run.Head.Published!))]);
    }

    private static List<Move> Write(Segment target, Snapshot snapshot, CancellationToken cancellationToken)
    {
        var output = new CompactedFrames(target);
        output.Add(ChangeCodec.Encode(new SequenceMark(snapshot.Sequence)));
        foreach (var session in snapshot.Sessions)
        {
            output.Add(ChangeCodec.Encode(session).Frame);
        }

        foreach (var approval in snapshot.Approvals)
        {
            output.Add(ChangeCodec.Encode(approval));
        }

        foreach (var memory in snapshot.Memories)
        {
            output.Add(MemoryCodec.Encode(memory).Frame);
        }

        var moves = new List<Move>(snapshot.Runs.Length);
        foreach (var (run, head) in snapshot.Runs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var place = output.Add(Encode(run, head));
            moves.Add(new Move(run, head, place));
        }

        output.Flush();
        return moves;
    }

    private static EncodedFrame Encode(RunEntry run, RunHead head)
    {
        var events = new List<byte[]>();
        for (var frame = head.Frames; frame is not null; frame = frame.Previous)
        {
            events.Add(frame.Events.Read());
        }

        events.Reverse();
        var first = run.First with
        {
            Sequence = run.Sequence,
            Generation = head.Generation,
            EventCount = head.Length,
            Status = head.Status,
        };
        return ChangeCodec.Encode(first, events, head.Output.Read());
    }

    private List<Segment> End(Segment compacted, List<Move> moves)
    {
        compacted.Publish();
        foreach (var move in moves)
        {
            move.Apply();
        }

        Volatile.Write(ref _notBefore, 0);
        var obsolete = journal.Replace(compacted);
        foreach (var segment in obsolete)
        {
            Delete(segment);
        }

        return obsolete;
    }

    // The new segment counts already; what cannot be deleted now is deleted at the next start.
    private void Delete(Segment segment)
    {
        try
        {
            segment.Abandon();
        }
        catch (Exception error) when (JournalWriter.IsDiskError(error))
        {
            JournalLog.CompactionFailed(logger, error, journal.Directory);
        }
    }

    private sealed record Snapshot(
        long TotalBytes,
        long Number,
        long Sequence,
        SessionRecord[] Sessions,
        StoredApproval[] Approvals,
        UserMemory[] Memories,
        (RunEntry Run, RunHead Head)[] Runs);

    /// <summary>A run that stands elsewhere from now on.</summary>
    private sealed record Move(RunEntry Run, RunHead From, FramePlace To)
    {
        public void Apply()
        {
            var now = Run.Head.Published!;
            var later = new Stack<LogFrame>();
            for (var frame = now.Frames; frame is not null && !ReferenceEquals(frame, From.Frames); frame = frame.Previous)
            {
                later.Push(frame);
            }

            var frames = new LogFrame(To.Events, Previous: null);
            foreach (var frame in later)
            {
                frames = new LogFrame(frame.Events, frames);
            }

            Run.Head.Replace(now with { Frames = frames, Output = now.Output == From.Output ? To.Output : now.Output });
        }
    }
}
