using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Engine.Json;

namespace Cluster.Engine.Messages;

/// <summary>The content of an answer: a text, or an object when the agent has an output schema.</summary>
/// <param name="Text">The text; null for an object.</param>
/// <param name="Json">The object; null for a text.</param>
[JsonConverter(typeof(ContentValueConverter))]
public sealed record ContentValue(string? Text, JsonElement? Json = null)
{
    /// <summary>Makes a text content.</summary>
    /// <param name="text">The text.</param>
    public static implicit operator ContentValue(string text) => new(text);

    /// <summary>Makes a text content.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The content.</returns>
    public static ContentValue FromString(string text) => text;

    /// <summary>Gives the text, or the object as JSON text.</summary>
    /// <returns>The content as text.</returns>
    public override string ToString() => Text ?? Json?.GetRawText() ?? string.Empty;
}

/// <summary>Writes a <see cref="ContentValue"/> as what it holds.</summary>
public sealed class ContentValueConverter : JsonConverter<ContentValue>
{
    /// <inheritdoc/>
    public override ContentValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? new ContentValue(reader.GetString()) : new ContentValue(null, JsonElement.ParseValue(ref reader));

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ContentValue value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        if (value.Json is { } json)
        {
            WellFormedElementConverter.Mend(json).WriteTo(writer);
        }
        else
        {
            EngineJson.WriteText(writer, value.Text);
        }
    }
}
