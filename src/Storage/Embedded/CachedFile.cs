using System.Buffers.Binary;
using System.Text;

namespace Cluster.Storage.Embedded;

/// <summary>A file with one result: when it expires, a checksum, the key and the result.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="ExpiresAt">When it expires, in milliseconds since 1970.</param>
internal sealed record CachedFile(string Name, long Bytes, long ExpiresAt)
{
    private const int ChecksumAt = sizeof(long);
    private const int KeyLengthAt = ChecksumAt + sizeof(uint);
    private const int HeadLength = KeyLengthAt + sizeof(int);

    /// <summary>Writes a file's content.</summary>
    public static byte[] Encode(string key, string result, long expiresAt)
    {
        var keyLength = Encoding.UTF8.GetByteCount(key);
        var bytes = new byte[HeadLength + keyLength + Encoding.UTF8.GetByteCount(result)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, expiresAt);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(KeyLengthAt), keyLength);
        Encoding.UTF8.GetBytes(key, bytes.AsSpan(HeadLength));
        Encoding.UTF8.GetBytes(result, bytes.AsSpan(HeadLength + keyLength));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(ChecksumAt), Crc32C.Compute(bytes.AsSpan(KeyLengthAt)));
        return bytes;
    }

    /// <summary>Reads a result.</summary>
    /// <returns>The result; null when the file is damaged, as after a loss of power, or holds another key.</returns>
    public static string? Decode(byte[] bytes, string key)
    {
        if (bytes.Length < HeadLength || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(ChecksumAt)) != Crc32C.Compute(bytes.AsSpan(KeyLengthAt)))
        {
            return null;
        }

        var text = bytes.AsSpan(HeadLength);
        var keyLength = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(KeyLengthAt));
        return Encoding.UTF8.GetString(text[..keyLength]) == key ? Encoding.UTF8.GetString(text[keyLength..]) : null;
    }

    /// <summary>Reads what is known of a file without its content.</summary>
    /// <returns>The file; null for one that is too short to be one.</returns>
    public static CachedFile? ReadHead(FileInfo file)
    {
        using var stream = file.OpenRead();
        Span<byte> expiry = stackalloc byte[ChecksumAt];
        return file.Length >= HeadLength && stream.ReadAtLeast(expiry, ChecksumAt, throwOnEndOfStream: false) == ChecksumAt
            ? new CachedFile(file.Name, file.Length, BinaryPrimitives.ReadInt64LittleEndian(expiry))
            : null;
    }
}
