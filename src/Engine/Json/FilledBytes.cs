using System.Buffers;

namespace Cluster.Engine.Json;

/// <summary>Puts what is written one after the other into an array that has room for just that. Writers ask for more room than they need, so it lends them some of its own.</summary>
/// <param name="array">The array.</param>
internal sealed class FilledBytes(byte[] array) : IBufferWriter<byte>
{
    private byte[] _scratch = new byte[32 * 1024];
    private int _count;

    /// <summary>Adds bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(array.AsSpan(_count));
        _count += bytes.Length;
    }

    /// <inheritdoc/>
    public void Advance(int count) => Add(_scratch.AsSpan(0, count));

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (sizeHint > _scratch.Length)
        {
            _scratch = new byte[sizeHint];
        }

        return _scratch;
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
