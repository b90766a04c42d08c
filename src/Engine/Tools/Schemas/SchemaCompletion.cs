using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Engine.Json;

namespace Cluster.Engine.Tools.Schemas;

/// <summary>
/// Completes schemas of arguments that others wrote. JSON Schema leaves much open that vendors do not: one schema that they cannot read, and they refuse every question
/// of the agent. What is complete comes back as it is.
/// </summary>
internal static class SchemaCompletion
{
    /// <summary>Deeper than this, anything is allowed.</summary>
    private const int Deepest = 48;

    private static readonly JsonSerializerOptions Writing = new() { MaxDepth = 256, TypeInfoResolver = EngineJson.Options.TypeInfoResolver };
    private static readonly string[] Types = ["object", "array", "string", "number", "integer", "boolean", "null"];
    private static readonly string[] Branches = ["allOf", "anyOf", "oneOf"];
    private static readonly string[] Optional = ["description", "title", "additionalProperties", "enum", "format", "pattern"];
    private static readonly string[] Maps = ["$defs", "definitions", "patternProperties", "dependentSchemas"];
    private static readonly string[] Singles = ["additionalProperties", "not", "contains", "propertyNames", "if", "then", "else", "unevaluatedProperties", "unevaluatedItems", "additionalItems"];

    /// <summary>Completes a schema of arguments.</summary>
    /// <param name="schema">The schema, which may be anything.</param>
    /// <returns>The schema of an object.</returns>
    public static JsonElement Complete(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return JsonElement.Parse("""{"type":"object","properties":{}}""");
        }

        var root = UniqueMembers.ToObject(schema);
        var before = root.ToJsonString(Writing);
        new SchemaMerge(schema).ToObject(root);
        Complete(root, Read(root.ToJsonString(Writing)), depth: 0);
        var after = root.ToJsonString(Writing);
        return after == before ? UniqueMembers.Of(schema) : Read(after);

        static JsonElement Read(string json) => JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = Writing.MaxDepth });
    }

    private static void Complete(JsonObject schema, JsonElement root, int depth)
    {
        if (Text(schema["$ref"]) is { } reference && SchemaMerge.Follow(root, reference) is null)
        {
            schema.Remove("$ref");
        }

        SetType(schema);
        foreach (var name in Optional.Where(name => schema.ContainsKey(name) && schema[name] is null or JsonArray { Count: 0 }))
        {
            schema.Remove(name);
        }

        CompleteObject(schema, root, depth);
        CompleteList(schema, root, depth);
        foreach (var name in Branches.Where(name => schema[name] is JsonArray))
        {
            Each((JsonArray)schema[name]!, root, depth);
        }

        foreach (var map in Maps.Select(name => schema[name]).OfType<JsonObject>())
        {
            Each(map, root, depth);
        }

        foreach (var single in Singles.Select(name => schema[name]).OfType<JsonObject>())
        {
            Inner(single, root, depth);
        }
    }

    private static void CompleteObject(JsonObject schema, JsonElement root, int depth)
    {
        var isObject = Has(schema, "object");
        if (isObject && schema["properties"] is not JsonObject && (depth == 0 || schema["additionalProperties"] is not JsonObject))
        {
            schema["properties"] = new JsonObject();
        }

        if (schema["properties"] is not JsonObject properties)
        {
            schema.Remove("properties");
            return;
        }

        foreach (var never in properties.Where(property => IsFalse(property.Value)).Select(property => property.Key).ToArray())
        {
            properties.Remove(never);
        }

        Each(properties, root, depth);
        if (schema.TryGetPropertyValue("required", out var required))
        {
            var named = Texts(required).Distinct(StringComparer.Ordinal).ToArray();
            var known = named.Where(properties.ContainsKey).ToArray();
            if (required is not JsonArray list)
            {
                schema.Remove("required");
            }
            else if (known.Length != list.Count)
            {
                schema["required"] = new JsonArray([.. known.Select(name => JsonValue.Create(name))]);
            }
        }
    }

    /// <summary>Lists whose items have places of their own are told as lists of any of them.</summary>
    private static void CompleteList(JsonObject schema, JsonElement root, int depth)
    {
        var places = schema["items"] as JsonArray ?? schema["prefixItems"] as JsonArray;
        if (places is not null)
        {
            schema.Remove("prefixItems");
            schema["items"] = places.Count == 0 ? new JsonObject() : new JsonObject { ["anyOf"] = places.DeepClone() };
        }
        else if (schema["items"] is not JsonObject && (Has(schema, "array") || schema.ContainsKey("items")))
        {
            schema["items"] = new JsonObject();
        }

        if (schema["items"] is JsonObject items)
        {
            Inner(items, root, depth);
        }
    }

    private static void Each(JsonArray schemas, JsonElement root, int depth)
    {
        for (var i = 0; i < schemas.Count; i++)
        {
            if (schemas[i] is not JsonObject)
            {
                schemas[i] = new JsonObject();
            }

            Inner((JsonObject)schemas[i]!, root, depth);
        }
    }

    private static void Each(JsonObject schemas, JsonElement root, int depth)
    {
        foreach (var name in schemas.Select(pair => pair.Key).ToArray())
        {
            if (schemas[name] is not JsonObject)
            {
                schemas[name] = new JsonObject();
            }

            Inner((JsonObject)schemas[name]!, root, depth);
        }
    }

    private static void Inner(JsonObject schema, JsonElement root, int depth)
    {
        if (depth >= Deepest)
        {
            schema.Clear();
        }
        else
        {
            Complete(schema, root, depth + 1);
        }
    }

    /// <summary>Names of types that are none are dropped, or read as what they mean. A type that is missing follows from the rest where it can.</summary>
    private static void SetType(JsonObject schema)
    {
        var given = schema["type"] is JsonArray several ? several.Select(Text) : [Text(schema["type"])];
        string[] known = [.. given.Select(ToType).OfType<string>().Distinct(StringComparer.Ordinal)];
        if (known.Length == 0)
        {
            known = TypeOf(schema) is { } type ? [type] : [];
        }

        if (known.Length == 0)
        {
            schema.Remove("type");
        }
        else if (known.Length == 1 ? Text(schema["type"]) != known[0] : (schema["type"] as JsonArray)?.Count != known.Length || !known.SequenceEqual(Texts(schema["type"])))
        {
            schema["type"] = known.Length == 1 ? known[0] : new JsonArray([.. known.Select(name => JsonValue.Create(name))]);
        }
    }

    /// <summary>What a schema describes that does not say its type, where that follows from its other members.</summary>
    private static string? TypeOf(JsonObject schema)
    {
        if (schema.ContainsKey("$ref") || Branches.Any(schema.ContainsKey))
        {
            return null;
        }

        return schema["properties"] is JsonObject ? "object"
            : schema.ContainsKey("items") || schema.ContainsKey("prefixItems") ? "array"
            : schema["enum"] is JsonArray { Count: > 0 } values && values.All(value => Text(value) is not null) ? "string"
            : null;
    }

    private static string? ToType(string? name) => name?.ToLowerInvariant() switch
    {
        { } type when Types.Contains(type) => type,
        "str" or "text" => "string",
        "int" or "long" => "integer",
        "float" or "double" or "decimal" => "number",
        "bool" => "boolean",
        "list" or "tuple" or "set" => "array",
        "dict" or "map" or "record" => "object",
        "none" => "null",
        _ => null,
    };

    private static bool Has(JsonObject schema, string type) => Text(schema["type"]) == type || Texts(schema["type"]).Contains(type, StringComparer.Ordinal);

    private static bool IsFalse(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.False;

    internal static string? Text(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    internal static IEnumerable<string> Texts(JsonNode? node) => node is JsonArray list ? list.Select(Text).OfType<string>() : [];
}
