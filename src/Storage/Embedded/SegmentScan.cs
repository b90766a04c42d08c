namespace Cluster.Storage.Embedded;

/// <summary>Reads a segment's frames one after the other, until the end or the first bad one.</summary>
/// <param name="segment">The segment.</param>
internal sealed class SegmentScan(Segment segment)
{
    private readonly long _end = segment.FileLength;
    private byte[] _window = new byte[1024 * 1024];
    private long _windowStart;
    private int _windowLength;

    /// <summary>Gets where the next frame stands: after the last good one.</summary>
    public long Position { get; private set; } = Segment.HeaderSize;

    /// <summary>Gets a value indicating whether every byte was good.</summary>
    public bool IsAtEnd => Position == _end;

    /// <summary>Reads the next frame.</summary>
    /// <param name="frame">The frame; it is good until the next call.</param>
    /// <returns>False at the end and at a bad frame.</returns>
    public bool TryNext(out ReadOnlySpan<byte> frame)
    {
        if (!TryReadFrame(Position, out frame))
        {
            return false;
        }

        Position += frame.Length;
        return true;
    }

    /// <summary>
    /// Tells whether a batch begins after the bad frame at <see cref="Position"/>. The bad frame was durable before that, so it is damaged and not torn.
    /// </summary>
    public bool HasLaterBatch()
    {
        for (var offset = Position + 1; offset + Frame.PrefixSize <= _end; offset++)
        {
            if (TryReadFrame(offset, out var frame) && offset - Frame.ReadDistance(frame) > Position)
            {
                return true;
            }
        }

        return false;
    }

    private bool TryReadFrame(long offset, out ReadOnlySpan<byte> frame)
    {
        frame = default;
        if (!TryLoad(offset, Frame.PrefixSize, out var prefix)
            || Frame.ReadLength(prefix) is not { } length
            || !TryLoad(offset, Frame.HeaderSize + length, out var whole)
            || !Frame.IsGood(whole))
        {
            return false;
        }

        frame = whole;
        return true;
    }

    private bool TryLoad(long offset, int count, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (offset + count > _end)
        {
            return false;
        }

        if (offset < _windowStart || offset + count > _windowStart + _windowLength)
        {
            if (count > _window.Length)
            {
                _window = new byte[Math.Max(count, Math.Min(2 * _window.Length, Frame.MaxPayload))];
            }

            _windowStart = offset;
            _windowLength = segment.ReadInto(_window, offset);
        }

        bytes = _window.AsSpan((int)(offset - _windowStart), count);
        return true;
    }
}
