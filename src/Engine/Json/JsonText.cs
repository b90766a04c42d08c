using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Cluster.Engine.Json;

/// <summary>Writes small JSON texts by hand, into a buffer that each thread keeps.</summary>
internal static class JsonText
{
    private const int LargestKept = 64 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _kept;

    /// <summary>Gives the text that is written.</summary>
    /// <param name="value">What is written.</param>
    /// <param name="write">Writes it.</param>
    /// <returns>The JSON.</returns>
    public static string Write<T>(T value, Action<Utf8JsonWriter, T> write)
    {
        // Taken out while it is in use: what is written may write texts of its own.
        var buffer = _kept ?? new ArrayBufferWriter<byte>();
        _kept = null;
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = RelaxedJsonEncoder.Instance }))
        {
            write(writer, value);
        }

        var text = Encoding.UTF8.GetString(buffer.WrittenSpan);
        buffer.ResetWrittenCount();
        _kept = buffer.Capacity <= LargestKept ? buffer : null;
        return text;
    }
}
