using System.Buffers;

namespace Cluster.Engine.Json;

/// <summary>Counts what is written and keeps none of it.</summary>
internal sealed class CountedBytes : IBufferWriter<byte>
{
    private byte[] _scratch = new byte[16 * 1024];

    /// <summary>Gets how many bytes were written.</summary>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public void Advance(int count) => Count += count;

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
