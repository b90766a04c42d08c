using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cluster.Engine.Json;

/// <summary>
/// JSON allows an object to name a member twice, and readers do not agree on what that means: some take one of both, others fail, and some fail only when they
/// look. Here the last one counts everywhere, as in Python and JavaScript, in the place of the first.
/// </summary>
public static class UniqueMembers
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = EngineJson.Options.MaxDepth };

    /// <summary>Reads JSON, in which names may stand twice.</summary>
    /// <param name="json">The JSON.</param>
    /// <returns>The value, without repetitions.</returns>
    /// <exception cref="JsonException">It is no JSON, or nested deeper than 64.</exception>
    public static JsonElement Parse(string json) => Of(JsonElement.Parse(json));

    /// <summary>Gives a value in which no object names a member twice.</summary>
    /// <param name="json">Any value.</param>
    /// <returns>The same value when nothing is repeated.</returns>
    public static JsonElement Of(JsonElement json)
    {
        if (!HasRepetitions(json))
        {
            return json;
        }

        json = WellFormedElementConverter.Mend(json);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = RelaxedJsonEncoder.Instance }))
        {
            Write(writer, json);
        }

        return JsonElement.Parse(buffer.GetBuffer().AsSpan(0, (int)buffer.Length), new JsonDocumentOptions { MaxDepth = EngineJson.Options.MaxDepth });
    }

    /// <summary>Tells whether an object in a value names a member twice.</summary>
    internal static bool HasRepetitions(JsonElement json)
    {
        if (json.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array) || (json.ValueKind is JsonValueKind.Object && json.GetPropertyCount() == 0))
        {
            return false;
        }

        try
        {
            JsonElement.Parse(JsonMarshal.GetRawUtf8Value(json), Strict);
            return false;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Or it is nested deeper than can be checked, or names are not well-formed: then it is written anew, which does no harm.
            return true;
        }
    }

    /// <summary>Gives an object that can be changed.</summary>
    /// <param name="json">An object.</param>
    /// <returns>A copy of it.</returns>
    public static JsonObject ToObject(JsonElement json)
    {
        var filled = new JsonObject();
        foreach (var member in json.EnumerateObject())
        {
            filled[member.Name] = ToNode(member.Value);
        }

        return filled;
    }

    /// <summary>Gives a value that can be changed.</summary>
    /// <param name="json">Any value.</param>
    /// <returns>A copy of it; null for null.</returns>
    public static JsonNode? ToNode(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => ToObject(json),
        JsonValueKind.Array => new JsonArray([.. json.EnumerateArray().Select(ToNode)]),
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => JsonValue.Create(json.Clone()),
    };

    private static void Write(Utf8JsonWriter writer, JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                var members = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
                foreach (var member in json.EnumerateObject())
                {
                    members[member.Name] = member.Value;
                }

                foreach (var (name, value) in members)
                {
                    writer.WritePropertyName(name);
                    Write(writer, value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in json.EnumerateArray())
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                json.WriteTo(writer);
                break;
        }
    }
}
