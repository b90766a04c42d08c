using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Cluster.Engine.Json;

/// <summary>
/// Bytes that are about to be sent, most of them JSON, without the long texts that belong into them: those are written out piece by piece while they are sent,
/// so that a text of many megabytes for many readers is in memory only once, as the text that it is.
/// </summary>
public sealed class SplitJson : IDisposable
{
    /// <summary>A larger one is not kept for the next value.</summary>
    private const int KeptBytes = 64 * 1024;

    /// <summary>So much is handed on at once.</summary>
    private const int PieceBytes = 16 * 1024;

    [ThreadStatic]
    private static SplitJson? _spare;

    [ThreadStatic]
    private static SplitJson? _current;

    private readonly ArrayBufferWriter<byte> _bytes = new(1_024);
    private readonly List<(int At, string Text)> _texts = [];
    private readonly Utf8JsonWriter _json;
    private int _begin;

    private SplitJson() => _json = new Utf8JsonWriter(_bytes, WriterOptions);

    /// <summary>Gets what is there, in which a <c>0</c> stands for each long text.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    /// <summary>Gets where to write what is not JSON.</summary>
    public IBufferWriter<byte> Output => _bytes;

    /// <summary>Gets a value indicating whether there are long texts.</summary>
    public bool IsSplit => _texts.Count > 0;

    private static JsonWriterOptions WriterOptions => new() { Encoder = EngineJson.Options.Encoder, SkipValidation = true };

    /// <summary>Gives an empty one; give it back with <see cref="Dispose"/>.</summary>
    /// <returns>An empty one.</returns>
    public static SplitJson Rent()
    {
        var rented = _spare ?? new SplitJson();
        _spare = null;
        return rented;
    }

    /// <summary>Adds a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="type">How it is written.</param>
    public void Write(object? value, JsonTypeInfo type)
    {
        _begin = _bytes.WrittenCount;
        _json.Reset();
        var outer = _current;
        _current = this;
        try
        {
            JsonSerializer.Serialize(_json, value, type);
            _json.Flush();
        }
        finally
        {
            _current = outer;
        }
    }

    /// <summary>Counts the bytes that are sent.</summary>
    /// <returns>The bytes, long texts included.</returns>
    public long Measure()
    {
        var counted = new CountedBytes();
        foreach (var (_, text) in _texts)
        {
            using var json = new Utf8JsonWriter(counted, WriterOptions);
            LongTextConverter.Write(json, text);
        }

        return _bytes.WrittenCount - _texts.Count + counted.Count;
    }

    /// <summary>Writes a value into an array of its size. What the framework does for that needs buffers of a multiple of it, and keeps them.</summary>
    /// <param name="value">The value.</param>
    /// <param name="type">How it is written.</param>
    /// <returns>The JSON.</returns>
    public static byte[] ToArray(object? value, JsonTypeInfo type)
    {
        using var split = Rent();
        split.Write(value, type);
        return split.IsSplit ? split.Fill(new byte[split.Measure()]) : split.Bytes.ToArray();
    }

    /// <summary>Sends it.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="flush">Is called whenever a piece was written, and lets the receiver keep up.</param>
    /// <returns>A task that ends when all is written.</returns>
    public async ValueTask SendAsync(PipeWriter output, Func<ValueTask> flush)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(flush);
        var from = 0;
        foreach (var (at, text) in _texts)
        {
            await SendBytesAsync(output, flush, from, at);
            using var json = new Utf8JsonWriter(output, WriterOptions);
            for (var piece = 0; piece < text.Length; piece += LongTextConverter.LongChars)
            {
                WritePiece(json, text, piece);
                await flush();
            }

            from = at + 1;
        }

        await SendBytesAsync(output, flush, from, _bytes.WrittenCount);
    }

    /// <summary>Gives it back.</summary>
    public void Dispose()
    {
        _texts.Clear();
        if (_bytes.Capacity <= KeptBytes)
        {
            _bytes.ResetWrittenCount();
            _spare = this;
        }
        else
        {
            _json.Dispose();
        }
    }

    /// <summary>Leaves out a text of the value that is being written.</summary>
    /// <param name="writer">Where the text was to be written.</param>
    /// <param name="text">The text.</param>
    /// <returns>False when the value is written for somebody who wants all of it.</returns>
    internal static bool TryLeaveOut(Utf8JsonWriter writer, string text)
    {
        if (_current is not { } split || !ReferenceEquals(split._json, writer))
        {
            return false;
        }

        writer.WriteRawValue("0"u8, skipInputValidation: true);
        split._texts.Add((split._begin + (int)(writer.BytesCommitted + writer.BytesPending) - 1, text));
        return true;
    }

    private byte[] Fill(byte[] array)
    {
        var target = new FilledBytes(array);
        var from = 0;
        foreach (var (at, text) in _texts)
        {
            target.Add(_bytes.WrittenSpan[from..at]);
            using var json = new Utf8JsonWriter(target, WriterOptions);
            for (var piece = 0; piece < text.Length; piece += LongTextConverter.LongChars)
            {
                WritePiece(json, text, piece);
            }

            from = at + 1;
        }

        target.Add(_bytes.WrittenSpan[from..]);
        return array;
    }

    /// <summary>The writer only hands its bytes on to the pipe, which blocks nobody; the caller lets the receiver keep up.</summary>
    private static void WritePiece(Utf8JsonWriter json, string text, int piece)
    {
        LongTextConverter.WritePiece(json, text, piece);
        json.Flush();
    }

    private async ValueTask SendBytesAsync(PipeWriter output, Func<ValueTask> flush, int from, int to)
    {
        while (from < to)
        {
            var length = Math.Min(PieceBytes, to - from);
            output.Write(_bytes.WrittenSpan.Slice(from, length));
            from += length;
            await flush();
        }
    }
}
