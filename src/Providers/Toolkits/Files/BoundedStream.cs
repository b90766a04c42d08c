namespace Cluster.Providers.Toolkits.Files;

/// <summary>The beginning of a file: some files have no length that anybody knows, or grow while they are read.</summary>
/// <param name="file">The file.</param>
/// <param name="maxBytes">How much of it there is to read.</param>
internal sealed class BoundedStream(Stream file, long maxBytes) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => Math.Min(file.Length, maxBytes);

    public override long Position
    {
        get => file.Position;
        set => file.Position = value;
    }

    private int Room(int wanted) => (int)Math.Clamp(maxBytes - file.Position, 0, wanted);

    public override int Read(byte[] buffer, int offset, int count) => file.Read(buffer, offset, Room(count));

    public override int Read(Span<byte> buffer) => file.Read(buffer[..Room(buffer.Length)]);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        file.ReadAsync(buffer, offset, Room(count), cancellationToken);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        file.ReadAsync(buffer[..Room(buffer.Length)], cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
        }

        base.Dispose(disposing);
    }
}
