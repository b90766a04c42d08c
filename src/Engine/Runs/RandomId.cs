using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Cluster.Engine.Runs;

/// <summary>Makes UUIDs. The operating system is asked for many at once: one by one, its randomness is the dearest part of an id.</summary>
internal static class RandomId
{
    private const int Size = 16;
    private const int AtOnce = 64;
    private const int Version = 6;
    private const int Variant = 8;

    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _left;

    /// <summary>Gives a random UUID, version 4.</summary>
    public static string New()
    {
        Span<byte> id = stackalloc byte[Size];
        Fill(id, version: 4);
        return new Guid(id, bigEndian: true).ToString();
    }

    /// <summary>Gives a UUID that sorts by time, version 7.</summary>
    /// <param name="time">Its time.</param>
    public static string NewAt(DateTimeOffset time)
    {
        Span<byte> id = stackalloc byte[Size];
        Fill(id, version: 7);
        Span<byte> milliseconds = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(milliseconds, time.ToUnixTimeMilliseconds());
        milliseconds[2..].CopyTo(id);
        return new Guid(id, bigEndian: true).ToString();
    }

    private static void Fill(Span<byte> id, int version)
    {
        var random = _random ??= new byte[Size * AtOnce];
        if (_left == 0)
        {
            RandomNumberGenerator.Fill(random);
            _left = AtOnce;
        }

        random.AsSpan(--_left * Size, Size).CopyTo(id);
        id[Version] = (byte)((id[Version] & 0x0f) | (version << 4));
        id[Variant] = (byte)((id[Variant] & 0x3f) | 0x80);
    }
}
