namespace Cluster.Storage.Blobs;

/// <summary>Content of a known size that is fetched part by part, from wherever the reader stands.</summary>
/// <param name="length">How many bytes there are.</param>
internal abstract class PartedStream(long length) : Stream
{
    private ReadOnlyMemory<byte> _part;
    private long _partAt;
    private long _position;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set => _position = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= length || buffer.IsEmpty)
        {
            return 0;
        }

        if (_position < _partAt || _position >= _partAt + _part.Length)
        {
            (_partAt, _part) = await FetchAsync(_position, cancellationToken);
            if (_position < _partAt || _position >= _partAt + _part.Length)
            {
                throw new IOException("The content ends before its size says: it was deleted meanwhile.");
            }
        }

        var rest = _part[(int)(_position - _partAt)..];
        var count = Math.Min(buffer.Length, rest.Length);
        rest[..count].CopyTo(buffer);
        _position += count;
        return count;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Content is read asynchronously.");

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => length + offset,
    };

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Fetches the part in which a place stands.</summary>
    /// <param name="position">The place.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Where the part begins, and what is in it.</returns>
    protected abstract ValueTask<(long At, ReadOnlyMemory<byte> Part)> FetchAsync(long position, CancellationToken cancellationToken);
}
