using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Engine.Json;

namespace Cluster.Providers.Models.Wire;

/// <summary>Reads the members of what vendors send, which are not always of the type that their documents say.</summary>
internal static class WireJson
{
    /// <summary>Gives a member; of kind <see cref="JsonValueKind.Undefined"/> when there is none, or when the value is no object.</summary>
    public static JsonElement Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) ? member : default;

    /// <summary>Gives a member that is a text with letters in it; null for anything else.</summary>
    public static string? Text(JsonElement json, string name) => Text(Member(json, name));

    /// <summary>Gives a text that has letters; null for anything else.</summary>
    public static string? Text(JsonElement json) => json.ValueKind == JsonValueKind.String && WellFormedText.Read(json) is { Length: > 0 } text ? text : null;

    /// <summary>Gives a member that is a text or a number, as a text; null for anything else.</summary>
    public static string? Word(JsonElement json, string name) => Member(json, name) is { ValueKind: JsonValueKind.Number } number ? number.GetRawText() : Text(json, name);

    /// <summary>Gives a member that is a whole number, also one that is written as a text or with a fraction, or is beyond all bounds; null for anything else.</summary>
    public static long? Count(JsonElement json, string name)
    {
        if (Word(json, name) is not { } word || !double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || double.IsNaN(number))
        {
            return null;
        }

        return number switch
        {
            >= long.MaxValue => long.MaxValue,
            <= long.MinValue => long.MinValue,
            _ => (long)number,
        };
    }

    /// <summary>Gives the elements of a list; a single object counts as a list of one.</summary>
    public static IEnumerable<JsonElement> Elements(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => json.EnumerateArray(),
        JsonValueKind.Object => [json],
        _ => [],
    };

    /// <summary>Tells whether a text is one whole JSON object.</summary>
    public static bool IsObject(string text) => TryParse(text) is { ValueKind: JsonValueKind.Object };

    /// <summary>Gives JSON that can be changed and written.</summary>
    public static JsonNode? ToNode(JsonElement json) => UniqueMembers.ToNode(JsonElement.Parse(WellFormedText.OfJson(json.GetRawText())));

    /// <summary>Reads JSON; null for what is none.</summary>
    public static JsonElement? TryParse(string text)
    {
        try
        {
            return JsonElement.Parse(WellFormedText.Of(text));
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
