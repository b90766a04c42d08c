using System.Buffers.Binary;
using System.Globalization;
using Cluster.Engine.Errors;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Storage.Embedded;

/// <summary>
/// One file of a journal. Its header tells which segment it follows; one that follows none holds everything before it, so older segments are obsolete.
/// A segment gets its name only when its header is durable, so a file with the name and a bad header is damaged, not torn.
/// </summary>
internal sealed class Segment : IDisposable
{
    /// <summary>The newest format that this software reads and writes.</summary>
    public const uint Version = 1;

    public const int HeaderSize = 40;
    public const string Temporary = ".tmp";

    private const string Prefix = "journal-";
    private const string Extension = ".log";
    private readonly SafeFileHandle _handle;

    private Segment(string path, SafeFileHandle handle, long number, long previous)
    {
        Path = path;
        _handle = handle;
        Number = number;
        Previous = previous;
        Length = HeaderSize;
    }

    private static ReadOnlySpan<byte> Magic => "AGENTLOG"u8;

    public string Path { get; private set; }

    public long Number { get; }

    /// <summary>Gets the segment that this one follows; 0 for none.</summary>
    public long Previous { get; }

    /// <summary>Gets or sets where the good data ends.</summary>
    public long Length { get; set; }

    /// <summary>Gets the bytes that the file has, good or not.</summary>
    public long FileLength => RandomAccess.GetLength(_handle);

    /// <summary>Lists the segment files of a directory, oldest first.</summary>
    public static IEnumerable<string> List(string directory) =>
        Directory.EnumerateFiles(directory, Prefix + "*" + Extension).Order(StringComparer.Ordinal);

    /// <summary>Creates a segment under a temporary name.</summary>
    public static Segment Create(string directory, long number, long previous)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:D12}{Extension}{Temporary}");
        var path = System.IO.Path.Combine(directory, name);
        var handle = Open(path, FileMode.Create, FileAccess.ReadWrite);
        var segment = new Segment(path, handle, number, previous);
        Span<byte> header = stackalloc byte[HeaderSize];
        header.Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], number);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], previous);
        BinaryPrimitives.WriteUInt32LittleEndian(header[32..], Crc32C.Compute(header[..32]));
        try
        {
            RandomAccess.Write(handle, header, 0);
        }
        catch (IOException)
        {
            segment.Abandon();
            throw;
        }

        return segment;
    }

    /// <summary>Opens a segment.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or a newer version wrote it.</exception>
    public static Segment Open(string path)
    {
        var handle = Open(path, FileMode.Open, FileAccess.ReadWrite);
        Span<byte> header = stackalloc byte[HeaderSize];
        header.Clear();
        _ = RandomAccess.Read(handle, header, 0);
        if (!header.StartsWith(Magic))
        {
            handle.Dispose();
            throw new InvalidDataException($"'{path}' is damaged at offset 0: it does not begin like a journal. Restore the directory from a backup. Nothing was changed.");
        }

        var version = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        if (version > Version)
        {
            handle.Dispose();
            throw new InvalidDataException(
                $"'{path}' was written by a newer version of this software: its format is {version}, and {Version} is the newest known here. Start the newer version. Nothing was changed.");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(header[32..]) != Crc32C.Compute(header[..32]))
        {
            handle.Dispose();
            throw new InvalidDataException($"'{path}' is damaged at offset 8: its header has a wrong checksum. Restore the directory from a backup. Nothing was changed.");
        }

        return new Segment(path, handle, BinaryPrimitives.ReadInt64LittleEndian(header[16..]), BinaryPrimitives.ReadInt64LittleEndian(header[24..]));
    }

    /// <summary>Makes everything durable and gives the file its final name.</summary>
    public void Publish()
    {
        Flush();
        var path = Path[..^Temporary.Length];
        File.Move(Path, path);
        Path = path;
        DirectorySync.Flush(System.IO.Path.GetDirectoryName(path)!);
    }

    /// <summary>Reads a stretch.</summary>
    /// <exception cref="UnavailableException">The disk does not give it.</exception>
    public byte[] Read(long offset, int length)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(length);
        try
        {
            return ReadInto(bytes, offset) == length
                ? bytes
                : throw new UnavailableException($"'{Path}' ends before offset {offset + length}. Restore the directory from a backup.");
        }
        catch (IOException error)
        {
            throw new UnavailableException($"'{Path}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Reads as much as there is.</summary>
    public int ReadInto(Span<byte> bytes, long offset)
    {
        var read = 0;
        while (read < bytes.Length && RandomAccess.Read(_handle, bytes[read..], offset + read) is > 0 and var more)
        {
            read += more;
        }

        return read;
    }

    /// <summary>Writes behind the good data. It counts as good only when <see cref="Length"/> is raised.</summary>
    public void Write(IReadOnlyList<ReadOnlyMemory<byte>> frames, long offset) => RandomAccess.Write(_handle, frames, offset);

    /// <summary>Makes everything that was written survive a power cut.</summary>
    public void Flush() => RandomAccess.FlushToDisk(_handle);

    /// <summary>Cuts off what lies behind the good data.</summary>
    public void Truncate()
    {
        RandomAccess.SetLength(_handle, Length);
        Flush();
    }

    /// <summary>Closes and deletes the file.</summary>
    public void Abandon()
    {
        _handle.Dispose();
        File.Delete(Path);
    }

    public void Dispose() => _handle.Dispose();

    // FileShare.Delete lets Windows rename and delete the file while it is read; the directory's lock keeps other processes out.
    private static SafeFileHandle Open(string path, FileMode mode, FileAccess access) =>
        File.OpenHandle(path, mode, access, FileShare.Read | FileShare.Delete);
}
