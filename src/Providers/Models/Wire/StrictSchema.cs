using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cluster.Providers.Models.Wire;

/// <summary>
/// Makes a schema that a vendor can hold a model to: every object closed, every member required, and those that were optional nullable instead. Whoever reads the answer takes a null
/// for a member that is missing.
/// </summary>
internal static class StrictSchema
{
    private static readonly string[] Unsupported =
    [
        "allOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies", "patternProperties", "propertyNames", "unevaluatedProperties", "unevaluatedItems",
        "contains", "prefixItems", "additionalItems", "$dynamicRef", "$recursiveRef",
    ];

    /// <summary>What no vendor enforces; the model reads of it in the description.</summary>
    private static readonly string[] Told = ["default", "minLength", "maxLength", "minProperties", "maxProperties", "uniqueItems", "minContains", "maxContains", "examples", "example"];

    private static readonly string[] Formats = ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"];

    /// <summary>Makes the strict form of a schema.</summary>
    /// <param name="schema">The schema.</param>
    /// <returns>The strict form; null when it would not be the same schema, for instance because an object may have any member.</returns>
    public static JsonNode? TryMake(JsonElement schema) =>
        WireJson.ToNode(schema) is JsonObject root && root.ContainsKey("properties") && !root.ContainsKey("anyOf") && !root.ContainsKey("oneOf") && !root.ContainsKey("$ref") && Make(root)
            && root["type"]?.GetValueKind() == JsonValueKind.String
            ? root
            : null;

    private static bool Make(JsonObject schema)
    {
        Unwrap(schema);
        if (Unsupported.Any(schema.ContainsKey) || schema["items"] is JsonArray)
        {
            return false;
        }

        if (schema["$ref"] is { } reference)
        {
            return MakeReference(schema, reference);
        }

        if (schema.Remove("oneOf", out var oneOf) && oneOf is not null && !schema.TryAdd("anyOf", oneOf))
        {
            return false;
        }

        Tell(schema);
        return MakeParts(schema);
    }

    private static bool MakeParts(JsonObject schema) =>
        Schemas(schema, "$defs").Concat(Schemas(schema, "definitions")).All(Make)
            && (schema["anyOf"] is not JsonArray alternatives || alternatives.All(one => one is JsonObject inner && Make(inner)))
            && HasType(schema)
            && (!IsOf(schema, "object") || Close(schema))
            && (!IsOf(schema, "array") || (schema["items"] is JsonObject items && Make(items)));

    /// <summary>Generators write <c>allOf</c> around a single reference to put a description beside it.</summary>
    private static void Unwrap(JsonObject schema)
    {
        if (schema["allOf"] is JsonArray { Count: 1 } only && only[0] is JsonObject inner && !schema.ContainsKey("type") && !schema.ContainsKey("properties"))
        {
            schema.Remove("allOf");
            foreach (var (name, value) in inner)
            {
                schema[name] = value?.DeepClone();
            }
        }
    }

    private static bool MakeReference(JsonObject schema, JsonNode reference)
    {
        // Nothing may stand beside a reference but definitions.
        foreach (var name in schema.Select(member => member.Key).Where(name => name is not ("$ref" or "$defs" or "definitions")).ToArray())
        {
            schema.Remove(name);
        }

        return reference.GetValueKind() == JsonValueKind.String && ((string?)reference)!.StartsWith('#');
    }

    private static void Tell(JsonObject schema)
    {
        var told = Told.Where(schema.ContainsKey).ToList();
        if (schema["format"] is { } format && !(format.GetValueKind() == JsonValueKind.String && Formats.Contains((string?)format)))
        {
            told.Add("format");
        }

        foreach (var name in told.Where(name => schema[name]?.GetValueKind() is not (JsonValueKind.Object or JsonValueKind.Array) || name is "default" or "examples"))
        {
            var description = (string?)schema["description"];
            schema["description"] = (string.IsNullOrEmpty(description) ? string.Empty : description + " ") + $"({name}: {schema[name]?.ToJsonString(ToolArguments.Compact) ?? "null"})";
        }

        told.ForEach(name => schema.Remove(name));
    }

    private static IEnumerable<JsonObject> Schemas(JsonObject schema, string name) => (schema[name] as JsonObject ?? []).Select(member => member.Value).OfType<JsonObject>();

    /// <summary>A schema without a type allows anything, unless its values or its members say what it is.</summary>
    private static bool HasType(JsonObject schema)
    {
        if (schema.ContainsKey("type") || schema.ContainsKey("anyOf"))
        {
            return true;
        }

        var values = schema["enum"] as JsonArray ?? (schema["const"] is { } constant ? [constant.DeepClone()] : null);
        var kinds = values?.Select(value => TypeOf(value)).Distinct().ToArray() ?? (schema.ContainsKey("properties") ? ["object"] : schema.ContainsKey("items") ? ["array"] : []);
        schema["type"] = kinds.Length == 1 ? kinds[0] : new JsonArray([.. kinds.Select(kind => (JsonNode?)kind)]);
        return kinds.Length > 0;
    }

    private static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        _ => "null",
    };

    private static bool IsOf(JsonObject schema, string type) => schema["type"] switch
    {
        JsonArray types => types.Any(one => (string?)one == type),
        JsonValue one => one.GetValueKind() == JsonValueKind.String && (string?)one == type,
        _ => false,
    };

    private static bool Close(JsonObject schema)
    {
        var additional = schema["additionalProperties"];
        if (schema.ContainsKey("additionalProperties") && additional?.GetValueKind() != JsonValueKind.False)
        {
            return false;
        }

        if (schema["properties"] is not JsonObject properties || properties.Count == 0)
        {
            // Without members an object that is not closed is a map.
            return additional is not null;
        }

        var required = (schema["required"] as JsonArray ?? []).Select(name => (string?)name).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, value) in properties.ToArray())
        {
            if (value is not JsonObject member || !Make(member))
            {
                return false;
            }

            if (!required.Contains(name))
            {
                properties[name] = Nullable(member);
            }
        }

        schema["additionalProperties"] = false;
        schema["required"] = new JsonArray([.. properties.Select(member => (JsonNode?)member.Key)]);
        return true;
    }

    private static JsonObject Nullable(JsonObject schema)
    {
        if (IsOf(schema, "null") || (schema["anyOf"] is JsonArray known && known.Any(one => one is JsonObject inner && IsOf(inner, "null"))))
        {
            return schema;
        }

        if (schema["anyOf"] is JsonArray alternatives)
        {
            alternatives.Add((JsonNode)new JsonObject { ["type"] = "null" });
            return schema;
        }

        if (schema.ContainsKey("$ref") || schema.ContainsKey("const"))
        {
            return new JsonObject { ["anyOf"] = new JsonArray(schema.DeepClone(), new JsonObject { ["type"] = "null" }) };
        }

        var types = schema["type"] is JsonArray many ? many.Select(type => type?.DeepClone()) : [schema["type"]?.DeepClone()];
        schema["type"] = new JsonArray([.. types, "null"]);
        if (schema["enum"] is JsonArray values)
        {
            values.Add((JsonNode?)null);
        }

        return schema;
    }
}
