using System.Buffers.Binary;

namespace Cluster.Storage.Embedded;

/// <summary>
/// The layout of one change in a segment file, all numbers little-endian:
/// <code>
/// u32 length of the payload
/// u32 CRC-32C of the payload and then of the other two numbers of this header
/// u32 distance from the start of the batch that this frame was written with
/// payload: u8 kind, u32 length of each section (head, events, output, session), the sections as UTF-8 JSON
/// </code>
/// Batches are written one after the other, each made durable before the next begins. A bad frame is therefore a torn write exactly
/// when no batch begins after it, and the distance is what tells: later pages of one batch may reach the disk before earlier ones.
/// </summary>
internal static class Frame
{
    public const int HeaderSize = 3 * sizeof(uint);
    public const int PrefixSize = HeaderSize + 1 + (4 * sizeof(uint));

    /// <summary>No change is near this size; a length beyond it is garbage, and a change beyond it is refused.</summary>
    public const int MaxPayload = 512 * 1024 * 1024;

    private const int MinPayload = PrefixSize - HeaderSize;

    /// <summary>Writes the prefix of a frame whose sections are in place.</summary>
    public static uint WritePrefix(Span<byte> frame, RecordKind kind, FrameLayout layout)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)(frame.Length - HeaderSize));
        frame[HeaderSize] = (byte)kind;
        var lengths = frame[(HeaderSize + 1)..];
        BinaryPrimitives.WriteInt32LittleEndian(lengths, layout.Head);
        BinaryPrimitives.WriteInt32LittleEndian(lengths[4..], layout.Events);
        BinaryPrimitives.WriteInt32LittleEndian(lengths[8..], layout.Output);
        BinaryPrimitives.WriteInt32LittleEndian(lengths[12..], layout.Session);
        return Crc32C.Compute(frame[HeaderSize..]);
    }

    /// <summary>Gives a frame its place in a batch. Only now its checksum is known.</summary>
    public static void Seal(Span<byte> frame, uint payloadCrc, uint distance)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(frame[8..], distance);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Crc(frame, payloadCrc));
    }

    /// <summary>Reads how many bytes a frame's payload claims to have; null when no frame has so many or so few.</summary>
    public static int? ReadLength(ReadOnlySpan<byte> header) =>
        BinaryPrimitives.ReadUInt32LittleEndian(header) is >= MinPayload and <= MaxPayload and var length ? (int)length : null;

    /// <summary>Reads the distance of a frame from the start of its batch.</summary>
    public static uint ReadDistance(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);

    /// <summary>Tells whether a whole frame is as it was written.</summary>
    public static bool IsGood(ReadOnlySpan<byte> frame) =>
        BinaryPrimitives.ReadUInt32LittleEndian(frame[4..]) == Crc(frame, Crc32C.Compute(frame[HeaderSize..]))
        && ReadLayout(frame) is var layout
        && (long)PrefixSize + layout.Head + layout.Events + layout.Output + layout.Session == frame.Length;

    public static RecordKind ReadKind(ReadOnlySpan<byte> frame) => (RecordKind)frame[HeaderSize];

    public static FrameLayout ReadLayout(ReadOnlySpan<byte> frame)
    {
        var lengths = frame[(HeaderSize + 1)..];
        return new FrameLayout(
            BinaryPrimitives.ReadInt32LittleEndian(lengths),
            BinaryPrimitives.ReadInt32LittleEndian(lengths[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(lengths[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(lengths[12..]));
    }

    private static uint Crc(ReadOnlySpan<byte> frame, uint payloadCrc) =>
        Crc32C.Compute(frame[8..HeaderSize], Crc32C.Compute(frame[..4], payloadCrc));
}

/// <summary>What a frame changes. The numbers are part of the format: never reuse one.</summary>
internal enum RecordKind : byte
{
    None = 0,

    /// <summary>A run: accepted just now, or as compaction found it.</summary>
    Run = 1,

    /// <summary>Events at a run's end.</summary>
    Append = 2,

    /// <summary>A new session.</summary>
    SessionCreated = 3,

    /// <summary>A change of a session.</summary>
    SessionChanged = 4,

    /// <summary>Sessions that are gone with their runs.</summary>
    SessionsDeleted = 5,

    /// <summary>The largest sequence that was ever given to a run.</summary>
    SequenceReached = 6,

    /// <summary>An approval as compaction found it.</summary>
    Approval = 7,

    /// <summary>A decision about an approval.</summary>
    ApprovalResolved = 8,

    /// <summary>An approval that is gone.</summary>
    ApprovalDeleted = 9,

    /// <summary>A new session that comes with runs.</summary>
    SessionCopied = 10,

    /// <summary>Something that is remembered about a user: added just now, or as compaction found it.</summary>
    MemoryAdded = 11,

    /// <summary>A change of a memory.</summary>
    MemoryChanged = 12,

    /// <summary>Memories that are gone.</summary>
    MemoriesDeleted = 13,
}

/// <summary>The lengths of a frame's sections in bytes; 0 for one that is not there.</summary>
internal readonly record struct FrameLayout(int Head, int Events, int Output, int Session);

/// <summary>A frame, encoded but not yet sealed.</summary>
/// <param name="Bytes">The bytes, header included.</param>
/// <param name="Layout">The lengths of the sections.</param>
/// <param name="PayloadCrc">The checksum of the payload.</param>
internal sealed record EncodedFrame(Memory<byte> Bytes, FrameLayout Layout, uint PayloadCrc);

/// <summary>A stretch of a segment file.</summary>
internal readonly record struct Location(Segment Segment, long Offset, int Length)
{
    /// <summary>Reads it.</summary>
    /// <exception cref="ObjectDisposedException">A compaction has moved what was there.</exception>
    public byte[] Read() => Segment.Read(Offset, Length);
}

/// <summary>Where a frame stands, and with it each of its sections.</summary>
internal readonly record struct FramePlace(Segment Segment, long Offset, FrameLayout Layout)
{
    public Location Events => new(Segment, Offset + Frame.PrefixSize + Layout.Head, Layout.Events);

    public Location Output => new(Segment, Offset + Frame.PrefixSize + Layout.Head + Layout.Events, Layout.Output);
}
