namespace Cluster.Storage.Embedded;

/// <summary>Writes frames to a segment that nobody reads yet, in large pieces.</summary>
/// <param name="target">The segment.</param>
internal sealed class CompactedFrames(Segment target)
{
    private const int PieceBytes = 1024 * 1024;

    private readonly List<ReadOnlyMemory<byte>> _piece = [];
    private long _pieceLength;

    /// <summary>Adds a frame.</summary>
    /// <returns>Where it will stand.</returns>
    public FramePlace Add(EncodedFrame frame)
    {
        var place = new FramePlace(target, target.Length + _pieceLength, frame.Layout);
        Frame.Seal(frame.Bytes.Span, frame.PayloadCrc, distance: 0);
        _piece.Add(frame.Bytes);
        _pieceLength += frame.Bytes.Length;
        if (_pieceLength >= PieceBytes)
        {
            Flush();
        }

        return place;
    }

    /// <summary>Writes what waits. It is not durable before the segment is flushed.</summary>
    public void Flush()
    {
        target.Write(_piece, target.Length);
        target.Length += _pieceLength;
        _piece.Clear();
        _pieceLength = 0;
    }
}
