using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Guardrails;

/// <summary>Reaches every text of an input: the message, also inside of lists and objects, and files that hold text.</summary>
public static class InputTexts
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Changes the texts of an input.</summary>
    /// <param name="input">The input.</param>
    /// <param name="change">Gets each text and gives what stands in its place.</param>
    /// <returns>The changed input.</returns>
    public static RunInput Map(RunInput input, Func<string, string> change)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(change);
        var content = input.InputContent;
        return input with
        {
            InputContent = content.Json is { } json ? new ContentValue(null, Map(json, change)) : new ContentValue(change(content.Text ?? string.Empty)),
            Images = Names(input.Images, change),
            Videos = Names(input.Videos, change),
            Audios = Names(input.Audios, change),
            Files = input.Files is { } files ? [.. files.Select(file => Map(file, change))] : null,
        };
    }

    /// <summary>Changes the texts of a JSON value: its strings, and its numbers as they are written, at any depth, and the names of members.</summary>
    /// <param name="json">The value.</param>
    /// <param name="change">Gets each text and gives what stands in its place.</param>
    /// <returns>The changed value. A number that was changed is a string.</returns>
    public static JsonElement Map(JsonElement json, Func<string, string> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = RelaxedJsonEncoder.Instance, MaxDepth = EngineJson.Options.MaxDepth }))
        {
            Write(writer, json, change);
        }

        return JsonElement.Parse(buffer.ToArray(), new JsonDocumentOptions { MaxDepth = EngineJson.Options.MaxDepth });
    }

    /// <summary>Half a surrogate pair is no text that anybody could look at.</summary>
    private static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            throw new InvalidRequestException("A member of a JSON object has a name that is no valid Unicode text. Rename it.");
        }
    }

    private static void Write(Utf8JsonWriter writer, JsonElement json, Func<string, string> change)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in json.EnumerateObject())
                {
                    writer.WritePropertyName(change(NameOf(member)));
                    Write(writer, member.Value, change);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in json.EnumerateArray())
                {
                    Write(writer, item, change);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String or JsonValueKind.Number when Read(json) is var text && change(text) is var changed && changed != text:
                writer.WriteStringValue(changed);
                break;
            default:
                writer.WriteRawValue(json.GetRawText(), skipInputValidation: true);
                break;
        }
    }

    /// <summary>Half of a surrogate pair is valid JSON and no text: such a string is taken as it is written.</summary>
    private static string Read(JsonElement json)
    {
        try
        {
            return json.ValueKind == JsonValueKind.String ? json.GetString()! : json.GetRawText();
        }
        catch (InvalidOperationException)
        {
            return json.GetRawText();
        }
    }

    private static ImmutableArray<Media>? Names(ImmutableArray<Media>? media, Func<string, string> change) =>
        media is { } all ? [.. all.Select(one => one.Filename is { } name ? one with { Filename = change(name) } : one)] : null;

    private static Media Map(Media file, Func<string, string> change) => file with
    {
        Filename = file.Filename is { } name ? change(name) : null,
        Content = file.Content?.Text is not { } content ? file.Content
            : file.MimeType?.StartsWith("text/", StringComparison.OrdinalIgnoreCase) == true ? change(content)
            : MapEncoded(content, change),
    };

    /// <summary>JSON, XML and the like come as base64, as pictures do: what is valid UTF-8 is taken for text.</summary>
    private static string MapEncoded(string content, Func<string, string> change)
    {
        try
        {
            var text = Strict.GetString(Convert.FromBase64String(content));
            var changed = change(text);
            return changed == text ? content : Convert.ToBase64String(Strict.GetBytes(changed));
        }
        catch (Exception binary) when (binary is FormatException or ArgumentException)
        {
            return content;
        }
    }
}
