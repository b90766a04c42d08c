using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cluster.Engine.Json;

/// <summary>
/// Writes texts, long ones in pieces: the framework asks for room for the worst case of a whole text at once, which is many times its size, and keeps that room
/// for later. Where a <see cref="SplitJson"/> is being written, long texts are left to it.
/// </summary>
internal sealed class LongTextConverter : JsonConverter<string>
{
    /// <summary>A text with more characters is long.</summary>
    public const int LongChars = 4 * 1024;

    /// <inheritdoc/>
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

    /// <inheritdoc/>
    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString()!;

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => Write(writer, value);

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);

    /// <summary>Writes a text.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="text">The text.</param>
    public static void Write(Utf8JsonWriter writer, string text)
    {
        if (text.Length <= LongChars)
        {
            writer.WriteStringValue(text);
            return;
        }

        // What is written in pieces passes no encoder that would replace half of a letter.
        text = WellFormedText.Of(text);
        if (SplitJson.TryLeaveOut(writer, text))
        {
            return;
        }

        for (var at = 0; at < text.Length; at += LongChars)
        {
            WritePiece(writer, text, at);
        }
    }

    /// <summary>Writes the next piece of a long text.</summary>
    /// <param name="writer">Where to; it must have written the pieces before.</param>
    /// <param name="text">The text.</param>
    /// <param name="at">Where in the text the piece begins.</param>
    public static void WritePiece(Utf8JsonWriter writer, string text, int at)
    {
        var length = Math.Min(LongChars, text.Length - at);
        writer.WriteStringValueSegment(text.AsSpan(at, length), isFinalSegment: at + length == text.Length);
    }
}
