using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cluster.Engine.Contents;
using Cluster.Engine.Messages;

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
    private readonly List<(int At, SplitPart Part)> _texts = [];
    private readonly Utf8JsonWriter _json;
    private MediaContents? _media;
    private ICollection<MediaUse>? _uses;
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
    /// <param name="media">Where content comes from that is shown to clients; null for readers that look it up themselves.</param>
    /// <returns>An empty one.</returns>
    public static SplitJson Rent(MediaContents? media = null)
    {
        var rented = _spare ?? new SplitJson();
        _spare = null;
        rented._media = media is { HasStore: true } ? media : null;
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

    /// <summary>Makes sure that the content which is shown is there, and brings in what is a text. It has to be called before the size is asked for.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A task that ends when everything is at hand.</returns>
    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < _texts.Count; i++)
        {
            var (at, part) = _texts[i];
            if (part.Stored is not null && !part.IsLoaded)
            {
                _texts[i] = (at, await part.LoadAsync(_media!, cancellationToken));
            }
        }
    }

    /// <summary>Counts the bytes that are sent.</summary>
    /// <returns>The bytes, long texts included.</returns>
    public long Measure()
    {
        var counted = new CountedBytes();
        var stored = 0L;
        foreach (var (_, part) in _texts)
        {
            if (part.Text is not { } text)
            {
                stored += part.Stored!.Length + 2;
                continue;
            }

            using var json = new Utf8JsonWriter(counted, WriterOptions);
            LongTextConverter.Write(json, text);
        }

        return _bytes.WrittenCount - _texts.Count + counted.Count + stored;
    }

    /// <summary>Writes a value into an array of its size. What the framework does for that needs buffers of a multiple of it, and keeps them.</summary>
    /// <param name="value">The value.</param>
    /// <param name="type">How it is written.</param>
    /// <returns>The JSON.</returns>
    public static byte[] ToArray(object? value, JsonTypeInfo type) => ToArray(value, type, uses: null);

    /// <summary>Writes a value into an array of its size, and notes which content in the media store it refers to.</summary>
    /// <param name="value">The value.</param>
    /// <param name="type">How it is written.</param>
    /// <param name="uses">Gets what is referred to; null when nobody wants to know.</param>
    /// <returns>The JSON.</returns>
    public static byte[] ToArray(object? value, JsonTypeInfo type, ICollection<MediaUse>? uses)
    {
        using var split = Rent();
        split._uses = uses;
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
        foreach (var (at, part) in _texts)
        {
            await SendBytesAsync(output, flush, from, at);
            from = at + 1;
            if (part.Text is not { } text)
            {
                await part.SendAsync(_media!, output, flush);
                continue;
            }

            using var json = new Utf8JsonWriter(output, WriterOptions);
            for (var piece = 0; piece < Math.Max(1, text.Length); piece += LongTextConverter.LongChars)
            {
                WritePiece(json, text, piece);
                await flush();
            }
        }

        await SendBytesAsync(output, flush, from, _bytes.WrittenCount);
    }

    /// <summary>Gives it back.</summary>
    public void Dispose()
    {
        _texts.Clear();
        _media = null;
        _uses = null;
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

        split.LeaveOut(writer, new SplitPart(text, null));
        return true;
    }

    /// <summary>Leaves out content of the value that is being written, which is read when it is sent.</summary>
    /// <param name="writer">Where the content was to be written.</param>
    /// <param name="stored">The content.</param>
    /// <returns>False when the value is written for somebody who looks the content up.</returns>
    internal static bool TryLeaveOut(Utf8JsonWriter writer, MediaReference stored)
    {
        if (_current is not { _media: not null } split || !ReferenceEquals(split._json, writer))
        {
            return false;
        }

        split.LeaveOut(writer, new SplitPart(null, stored));
        return true;
    }

    /// <summary>Takes down that the value which is being written refers to content.</summary>
    internal static void Note(Media media)
    {
        if (_current is { _uses: { } uses } && media.Content?.Stored is { } stored)
        {
            uses.Add(new MediaUse(stored.Sha256, media.Id ?? string.Empty, media.MimeType));
        }
    }

    private void LeaveOut(Utf8JsonWriter writer, SplitPart part)
    {
        writer.WriteRawValue("0"u8, skipInputValidation: true);
        _texts.Add((_begin + (int)(writer.BytesCommitted + writer.BytesPending) - 1, part));
    }

    private byte[] Fill(byte[] array)
    {
        var target = new FilledBytes(array);
        var from = 0;
        foreach (var (at, part) in _texts)
        {
            var text = part.Text!;
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
