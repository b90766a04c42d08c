using System.Buffers;
using System.IO.Pipelines;

namespace Cluster.Storage.Transfer;

/// <summary>Reads lines of bytes, one at a time. A line is in memory as a whole, and nothing else is.</summary>
/// <param name="source">Where from.</param>
internal sealed class ExportedLines(Stream source) : IAsyncDisposable
{
    private const int BufferBytes = 1 << 18;

    private readonly PipeReader _reader = PipeReader.Create(source, new StreamPipeReaderOptions(bufferSize: BufferBytes, leaveOpen: true));
    private SequencePosition _consumed;
    private bool _isPending;

    /// <summary>Gets the number of the line that was read last, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Reads the next line.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The line without its end, good until the next one is read; null after the last one. A line without an end is no line.</returns>
    public async Task<ReadOnlySequence<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        if (_isPending)
        {
            _reader.AdvanceTo(_consumed);
            _isPending = false;
        }

        // What was searched once is not searched again, however long the line is.
        for (var searched = 0L; ;)
        {
            var read = await _reader.ReadAsync(cancellationToken);
            if (read.Buffer.Slice(searched).PositionOf((byte)'\n') is { } end)
            {
                Number++;
                _consumed = read.Buffer.GetPosition(1, end);
                _isPending = true;
                return read.Buffer.Slice(0, end);
            }

            searched = read.Buffer.Length;
            _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
            {
                return null;
            }
        }
    }

    public ValueTask DisposeAsync() => _reader.CompleteAsync();
}
