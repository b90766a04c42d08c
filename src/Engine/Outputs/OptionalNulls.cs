using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cluster.Engine.Outputs;

/// <summary>
/// Takes nulls out of an answer that stand for members that are not there. A provider that holds a model to a schema can do so only when every member is required, so that
/// the model says null where it has nothing to say.
/// </summary>
internal static class OptionalNulls
{
    private const int MaxDepth = 64;

    private static readonly string[] Combinations = ["anyOf", "oneOf", "allOf"];

    /// <summary>Gives the answer without them; members that may be null keep theirs.</summary>
    public static JsonElement Drop(JsonElement value, JsonElement schema)
    {
        var node = Json.UniqueMembers.ToNode(value);
        Drop(node, schema, schema, 0);
        return node is null ? value : JsonElement.Parse(node.ToJsonString(Json.EngineJson.Options));
    }

    private static void Drop(JsonNode? value, JsonElement schema, JsonElement root, int depth)
    {
        if (depth > MaxDepth || value is null || schema.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        if (SchemaCheck.Reference(schema, root) is { } referred)
        {
            Drop(value, referred, root, depth + 1);
            return;
        }

        foreach (var alternative in Alternatives(schema))
        {
            Drop(value, alternative, root, depth + 1);
        }

        switch (value)
        {
            case JsonObject members when schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object:
                DropMembers(members, properties, schema, root, depth);
                break;
            case JsonArray items when schema.TryGetProperty("items", out var item):
                foreach (var one in items)
                {
                    Drop(one, item, root, depth + 1);
                }

                break;
        }
    }

    private static void DropMembers(JsonObject members, JsonElement properties, JsonElement schema, JsonElement root, int depth)
    {
        var required = schema.TryGetProperty("required", out var names) && names.ValueKind == JsonValueKind.Array ? names.EnumerateArray().Select(name => name.GetString()).ToHashSet() : [];
        foreach (var property in properties.EnumerateObject())
        {
            if (!members.TryGetPropertyValue(property.Name, out var member))
            {
                continue;
            }

            if (member is null && !required.Contains(property.Name) && SchemaCheck.FindError(Null, property.Value, root) is not null)
            {
                members.Remove(property.Name);
            }
            else
            {
                Drop(member, property.Value, root, depth + 1);
            }
        }
    }

    private static JsonElement Null { get; } = JsonElement.Parse("null");

    private static IEnumerable<JsonElement> Alternatives(JsonElement schema) => Combinations
        .Where(name => schema.TryGetProperty(name, out var listed) && listed.ValueKind == JsonValueKind.Array)
        .SelectMany(name => schema.GetProperty(name).EnumerateArray());
}
