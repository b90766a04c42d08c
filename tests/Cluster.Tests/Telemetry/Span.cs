using System.Text;

namespace Cluster.Tests.Telemetry;

/// <summary>A span as a collector gets it.</summary>
/// <param name="TraceId">The trace.</param>
/// <param name="SpanId">The span.</param>
/// <param name="ParentId">The span within which it happened; empty for none.</param>
/// <param name="Name">What happened.</param>
/// <param name="Service">The kind of process that tells of it.</param>
internal sealed record Span(string TraceId, string SpanId, string ParentId, string Name, string Service)
{
    /// <summary>Reads the spans of <c>ExportTraceServiceRequest</c> messages, one after the other.</summary>
    public static IEnumerable<Span> ReadAll(byte[] requests) =>
        from resourceSpans in ProtoMessage.Read(requests).Messages(1)
        let service = resourceSpans.Messages(1).SelectMany(resource => resource.Messages(1)).First(attribute => attribute.Text(1) == "service.name").Messages(2).Single().Text(1)
        from scopeSpans in resourceSpans.Messages(2)
        from span in scopeSpans.Messages(2)
        select new Span(span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), service);
}

/// <summary>The fields of a protobuf message that have a length: texts, bytes and messages.</summary>
internal sealed class ProtoMessage
{
    private readonly List<(int Number, ReadOnlyMemory<byte> Value)> _fields = [];

    public static ProtoMessage Read(ReadOnlyMemory<byte> bytes)
    {
        var message = new ProtoMessage();
        while (!bytes.IsEmpty)
        {
            var tag = Varint(ref bytes);
            var length = (tag & 7) switch
            {
                0 => Skip(ref bytes),
                1 => 8,
                2 => (int)Varint(ref bytes),
                5 => 4,
                var kind => throw new FormatException($"{kind} is no kind of field."),
            };
            if ((tag & 7) == 2)
            {
                message._fields.Add(((int)(tag >> 3), bytes[..length]));
            }

            bytes = bytes[length..];
        }

        return message;
    }

    public IEnumerable<ProtoMessage> Messages(int number) => Values(number).Select(Read);

    public string Text(int number) => Encoding.UTF8.GetString(Values(number).SingleOrDefault().Span);

    public string Hex(int number) => Convert.ToHexStringLower(Values(number).SingleOrDefault().Span);

    private IEnumerable<ReadOnlyMemory<byte>> Values(int number) => _fields.Where(field => field.Number == number).Select(field => field.Value);

    /// <summary>A number that nobody asks for has no bytes left to skip once it is read.</summary>
    private static int Skip(ref ReadOnlyMemory<byte> bytes)
    {
        Varint(ref bytes);
        return 0;
    }

    private static ulong Varint(ref ReadOnlyMemory<byte> bytes)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes.Span[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
