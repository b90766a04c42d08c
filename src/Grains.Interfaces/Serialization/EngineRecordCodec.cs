using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Orleans.Serialization;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.Serializers;
using Orleans.Serialization.WireProtocol;

namespace Cluster.Grains.Interfaces.Serialization;

/// <summary>
/// Brings the engine's records across grain calls as their JSON, behind the record's name. Orleans' own JSON codec looks the type up anew, by reflection, for
/// each record that it reads: with several records a run that was a tenth of a gateway's work.
/// </summary>
[Alias("engine")]
public sealed class EngineRecordCodec : IGeneralizedCodec, IGeneralizedCopier, ITypeFilter
{
    private static readonly ConcurrentDictionary<Type, RecordName> Names = new();
    private static readonly ConcurrentDictionary<string, JsonTypeInfo?> Types = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<Type, bool> Records = new();
    private static readonly ConcurrentDictionary<string, JsonTypeInfo?>.AlternateLookup<ReadOnlySpan<char>> TypesBySpan = Types.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Tells whether a type of the engine may cross: those do that the engine's JSON knows, and nothing else of its assembly.</summary>
    /// <param name="type">The type.</param>
    /// <returns>True for a record of the engine.</returns>
    public bool IsSupportedType(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return type == typeof(EngineRecordCodec)
            || (type.Assembly == typeof(RunEvent).Assembly && !type.IsEnum && Records.GetOrAdd(type, static type => EngineJson.Context.GetTypeInfo(type) is not null));
    }

    /// <inheritdoc/>
    public bool? IsTypeAllowed(Type type) => IsSupportedType(type) ? true : null;

    /// <summary>Records never change, so that one and the same can be on both sides.</summary>
    /// <param name="input">The record.</param>
    /// <param name="context">What was copied already.</param>
    /// <returns>The same record.</returns>
    public object? DeepCopy(object? input, CopyContext context) => input;

    /// <inheritdoc/>
    public void WriteField<TBufferWriter>(ref Writer<TBufferWriter> writer, uint fieldIdDelta, Type? expectedType, object? value)
        where TBufferWriter : IBufferWriter<byte>
    {
        if (ReferenceCodec.TryWriteReferenceField(ref writer, fieldIdDelta, expectedType, value) || value is null)
        {
            return;
        }

        var (name, type) = Names.GetOrAdd(value.GetType(), static type => new RecordName(type));
        var buffer = JsonBuffer.Rent();
        JsonSerializer.Serialize(buffer.Writer, value, type);
        buffer.Writer.Flush();
        var json = buffer.Written;
        writer.WriteFieldHeader(fieldIdDelta, expectedType, typeof(EngineRecordCodec), WireType.LengthPrefixed);
        writer.WriteVarUInt32((uint)(1 + name.Length + json.Length));
        writer.WriteByte((byte)name.Length);
        writer.Write(name);
        writer.Write(json);
        buffer.Return();
    }

    /// <inheritdoc/>
    public object? ReadValue<TInput>(ref Reader<TInput> reader, Field field)
    {
        if (field.IsReference)
        {
            return ReferenceCodec.ReadReference(ref reader, field.FieldType!);
        }

        field.EnsureWireType(WireType.LengthPrefixed);
        var place = ReferenceCodec.CreateRecordPlaceholder(reader.Session);
        var bytes = reader.ReadBytes(reader.ReadVarUInt32()).AsSpan();
        var type = FindType(bytes.Slice(1, bytes[0]));
        var value = JsonSerializer.Deserialize(bytes[(1 + bytes[0])..], type);
        ReferenceCodec.RecordObject(reader.Session, value, place);
        return value;
    }

    /// <summary>Finds how a record is read. A name that was read before is not made a string again.</summary>
    private static JsonTypeInfo FindType(ReadOnlySpan<byte> utf8)
    {
        Span<char> letters = stackalloc char[byte.MaxValue];
        var name = letters[..Encoding.UTF8.GetChars(utf8, letters)];
        if (!TypesBySpan.TryGetValue(name, out var type))
        {
            type = Types.GetOrAdd(name.ToString(), static name => RecordName.Find(name));
        }

        return type ?? throw new SerializerException($"The engine has no record '{name}'. It may come from a newer version.");
    }

    /// <summary>Where the JSON of a record stands until its length is known. Each thread keeps one, and makes another while a record is written inside of one.</summary>
    private sealed class JsonBuffer
    {
        private const int LargestKept = 256 * 1024;

        [ThreadStatic]
        private static JsonBuffer? _kept;

        private readonly ArrayBufferWriter<byte> _bytes = new();

        private JsonBuffer() => Writer = new Utf8JsonWriter(
            _bytes, new JsonWriterOptions { Encoder = EngineJson.Options.Encoder, MaxDepth = EngineJson.Options.MaxDepth, SkipValidation = true });

        public Utf8JsonWriter Writer { get; }

        public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

        public static JsonBuffer Rent()
        {
            var buffer = _kept ?? new JsonBuffer();
            _kept = null;
            return buffer;
        }

        public void Return()
        {
            if (_bytes.Capacity <= LargestKept)
            {
                _bytes.ResetWrittenCount();
                Writer.Reset();
                _kept = this;
            }
        }
    }

    /// <summary>What a record is called on the wire, and how it is written.</summary>
    private sealed class RecordName
    {
        private static readonly string Root = $"{typeof(RunEvent).Assembly.GetName().Name}.";

        public RecordName(Type type)
        {
            Utf8 = Encoding.UTF8.GetBytes(type.FullName![Root.Length..]);
            Type = EngineJson.Context.GetTypeInfo(type) ?? throw new SerializerException($"The engine's JSON does not know '{type}'.");
        }

        private byte[] Utf8 { get; }

        private JsonTypeInfo Type { get; }

        public static JsonTypeInfo? Find(string name) => typeof(RunEvent).Assembly.GetType(Root + name) is { } type ? EngineJson.Context.GetTypeInfo(type) : null;

        public void Deconstruct(out byte[] utf8, out JsonTypeInfo type) => (utf8, type) = (Utf8, Type);
    }
}
