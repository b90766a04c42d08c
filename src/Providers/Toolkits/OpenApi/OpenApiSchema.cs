using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Engine.Json;

namespace Cluster.Providers.Toolkits.OpenApi;

/// <summary>
/// Turns schemas of a document into ones that stand alone. References are replaced by what they stand for; where that would never end, or becomes larger than a
/// model should have to read, anything is allowed.
/// </summary>
/// <param name="document">Where references lead.</param>
internal sealed class OpenApiSchema(OpenApiDocument document)
{
    private const int DeepestNesting = 12;
    private const int MostNodes = 1_500;

    /// <summary>What describes documents and not values.</summary>
    private static readonly HashSet<string> LeftOut = new(StringComparer.Ordinal) { "xml", "externalDocs", "example", "examples", "discriminator", "nullable" };

    private readonly Stack<string> _open = new();
    private int _nodes;

    /// <summary>Writes a schema out.</summary>
    public JsonNode Write(JsonElement schema) => Write(schema, 0) ?? new JsonObject();

    private JsonNode? Write(JsonElement element, int depth)
    {
        if (OpenApiDocument.ReferenceOf(element) is not { } reference)
        {
            return ++_nodes > MostNodes || depth > DeepestNesting ? new JsonObject() : WriteValue(element, depth);
        }

        if (_open.Contains(reference))
        {
            return new JsonObject { ["description"] = $"Another {reference[(reference.LastIndexOf('/') + 1)..]}." };
        }

        _open.Push(reference);
        var written = Write(document.Follow(element), depth + 1);
        _open.Pop();
        return written;
    }

    private JsonNode? WriteValue(JsonElement element, int depth) => element.ValueKind switch
    {
        JsonValueKind.Object => WriteObject(element, depth),
        JsonValueKind.Array => new JsonArray([.. element.EnumerateArray().Select(item => item.ValueKind is JsonValueKind.Object ? Write(item, depth + 1) : UniqueMembers.ToNode(item))]),
        _ => UniqueMembers.ToNode(element),
    };

    private JsonObject WriteObject(JsonElement element, int depth)
    {
        var written = new JsonObject();
        foreach (var member in element.EnumerateObject().Where(member => !LeftOut.Contains(member.Name) && !member.Name.StartsWith("x-", StringComparison.Ordinal)))
        {
            // Below "properties" the names are the API's own, whatever they are.
            written[member.Name] = member.Name == "properties" && member.Value.ValueKind == JsonValueKind.Object
                ? new JsonObject(member.Value.EnumerateObject().Select(property => KeyValuePair.Create(property.Name, Write(property.Value, depth + 1))))
                : member.Name is "enum" or "default" or "const" ? UniqueMembers.ToNode(member.Value) : Write(member.Value, depth + 1);
        }

        // OpenAPI 3.0 says so what JSON Schema says with a list of types.
        if (element.TryGetProperty("nullable", out var nullable) && nullable.ValueKind == JsonValueKind.True && written["type"] is JsonValue type)
        {
            written["type"] = new JsonArray(type.DeepClone(), "null");
        }

        return written;
    }
}
