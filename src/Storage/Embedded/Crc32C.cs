using System.Buffers.Binary;
using System.Numerics;

namespace Cluster.Storage.Embedded;

/// <summary>CRC-32C (Castagnoli), which processors compute in hardware.</summary>
internal static class Crc32C
{
    /// <summary>Computes the checksum of bytes that follow others.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="before">The checksum of the bytes before them; 0 for none.</param>
    /// <returns>The checksum of all of them.</returns>
    public static uint Compute(ReadOnlySpan<byte> bytes, uint before = 0)
    {
        var crc = ~before;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var next in bytes)
        {
            crc = BitOperations.Crc32C(crc, next);
        }

        return ~crc;
    }
}
