using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;

namespace Cluster.Storage.Embedded;

/// <summary>Builds one frame. Sections are written in the order of the methods; what is left out stays empty.</summary>
internal sealed class FrameDraft
{
    private static readonly JsonWriterOptions Options = new() { Encoder = EngineJson.Options.Encoder, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _buffer = new(initialCapacity: 2_048);
    private readonly RecordKind _kind;
    private FrameLayout _layout;

    public FrameDraft(RecordKind kind)
    {
        _kind = kind;
        _buffer.GetSpan(Frame.PrefixSize);
        _buffer.Advance(Frame.PrefixSize);
    }

    public FrameDraft Head<T>(T head, JsonTypeInfo<T> type)
    {
        _layout = _layout with { Head = Write(json => JsonSerializer.Serialize(json, head, type)) };
        return this;
    }

    public FrameDraft Events(ImmutableArray<RunEvent> events)
    {
        if (!events.IsDefaultOrEmpty)
        {
            _layout = _layout with { Events = Write(json => WriteArray(json, events)) };
        }

        return this;
    }

    /// <summary>Adds events that are JSON arrays already, as one array.</summary>
    public FrameDraft Events(IReadOnlyList<byte[]> arrays)
    {
        if (arrays.Count > 0)
        {
            var before = _buffer.WrittenCount;
            var separator = "["u8;
            foreach (var array in arrays)
            {
                _buffer.Write(separator);
                _buffer.Write(array.AsSpan(1, array.Length - 2));
                separator = ","u8;
            }

            _buffer.Write("]"u8);
            _layout = _layout with { Events = _buffer.WrittenCount - before };
        }

        return this;
    }

    public FrameDraft Output(RunOutput? output)
    {
        if (output is not null)
        {
            _layout = _layout with { Output = Write(json => JsonSerializer.Serialize(json, output, EngineJson.Context.RunOutput)) };
        }

        return this;
    }

    /// <summary>Adds the events and the records of several runs that are JSON already, one behind the other.</summary>
    public FrameDraft Runs(IReadOnlyList<byte[]> events, IReadOnlyList<byte[]> outputs)
    {
        _layout = _layout with { Events = events.Sum(json => json.Length), Output = outputs.Sum(json => json.Length) };
        foreach (var json in events.Concat(outputs))
        {
            _buffer.Write(json);
        }

        return this;
    }

    /// <summary>Adds a record that is JSON already.</summary>
    public FrameDraft Output(byte[] output)
    {
        _buffer.Write(output);
        _layout = _layout with { Output = output.Length };
        return this;
    }

    public FrameDraft Session<T>(T? session, JsonTypeInfo<T> type)
        where T : class
    {
        if (session is not null)
        {
            _layout = _layout with { Session = Write(json => JsonSerializer.Serialize(json, session, type)) };
        }

        return this;
    }

    /// <summary>Ends the frame.</summary>
    /// <exception cref="InvalidRequestException">It is larger than any frame may be.</exception>
    public EncodedFrame Finish()
    {
        if (_buffer.WrittenCount > Frame.MaxPayload)
        {
            throw new InvalidRequestException(
                $"One change of {_buffer.WrittenCount:N0} bytes is more than the store takes ({Frame.MaxPayload:N0}). Send large media as URLs.");
        }

        var bytes = MemoryMarshal.AsMemory(_buffer.WrittenMemory);
        return new EncodedFrame(bytes, _layout, Frame.WritePrefix(bytes.Span, _kind, _layout));
    }

    private static void WriteArray(Utf8JsonWriter json, ImmutableArray<RunEvent> events)
    {
        json.WriteStartArray();
        foreach (var next in events)
        {
            JsonSerializer.Serialize(json, next, EngineJson.Context.RunEvent);
        }

        json.WriteEndArray();
    }

    private int Write(Action<Utf8JsonWriter> write)
    {
        var before = _buffer.WrittenCount;
        using (var json = new Utf8JsonWriter(_buffer, Options))
        {
            write(json);
        }

        return _buffer.WrittenCount - before;
    }
}
