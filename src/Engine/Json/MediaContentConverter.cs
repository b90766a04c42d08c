using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Engine.Messages;

namespace Cluster.Engine.Json;

/// <summary>
/// Writes the content of media: what is at hand as a text, what is in the media store as an object that refers to it. Where a <see cref="SplitJson"/> is
/// written for clients, the content is left to it, which sends it as the text that it always was.
/// </summary>
public sealed class MediaContentConverter : JsonConverter<MediaContent>
{
    private const string Sha256 = "sha256";
    private const string Bytes = "bytes";
    private const string Characters = "characters";

    /// <inheritdoc/>
    public override MediaContent? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.StartObject => ReadReference(ref reader),
        _ => throw new JsonException(),
    };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, MediaContent value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        if (value.Stored is not { } stored)
        {
            LongTextConverter.Write(writer, value.Text!);
        }
        else if (!SplitJson.TryLeaveOut(writer, stored))
        {
            Write(writer, stored);
        }
    }

    private static void Write(Utf8JsonWriter writer, MediaReference stored)
    {
        writer.WriteStartObject();
        writer.WriteString(Sha256, stored.Sha256);
        writer.WriteNumber(Bytes, stored.Bytes);
        if (stored.Characters is { } characters)
        {
            writer.WriteNumber(Characters, characters);
        }

        writer.WriteEndObject();
    }

    private static MediaContent ReadReference(ref Utf8JsonReader reader)
    {
        var (sha256, bytes, characters) = ((string?)null, 0L, (long?)null);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case Sha256:
                    sha256 = reader.GetString();
                    break;
                case Bytes:
                    bytes = reader.GetInt64();
                    break;
                case Characters:
                    characters = reader.GetInt64();
                    break;
                default:
                    // A later version may say more.
                    reader.Skip();
                    break;
            }
        }

        return sha256 is null ? throw new JsonException() : new MediaReference(sha256, bytes) { Characters = characters };
    }
}
