using System.Text.Json;

namespace Cluster.Engine.Outputs;

/// <summary>
/// Tells whether a JSON value fits a schema, as far as models and callers get it wrong: types, required members, members that may not be there, allowed
/// values, items and alternatives. Formats, lengths and ranges are left to whoever uses the value.
/// </summary>
internal static class SchemaCheck
{
    private const int MaxDepth = 64;

    /// <summary>Finds the first place where a value does not fit.</summary>
    /// <returns>What is wrong; null when the value fits.</returns>
    public static string? FindError(JsonElement value, JsonElement schema) => FindError(value, schema, schema);

    /// <summary>Finds the first place where a value does not fit a part of a schema.</summary>
    /// <param name="value">The value.</param>
    /// <param name="schema">The part.</param>
    /// <param name="root">The whole schema, which references lead into.</param>
    public static string? FindError(JsonElement value, JsonElement schema, JsonElement root) => Find(value, schema, new Place("$", root, 0));

    private static string? Find(JsonElement value, JsonElement schema, Place place)
    {
        if (schema.ValueKind != JsonValueKind.Object || place.Depth > MaxDepth)
        {
            return null;
        }

        if (Reference(schema, place.Root) is { } referred)
        {
            return Find(value, referred, place with { Depth = place.Depth + 1 });
        }

        if (schema.TryGetProperty("enum", out var allowed) && allowed.ValueKind == JsonValueKind.Array && !allowed.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)))
        {
            return $"{place.Path} is none of {allowed.GetRawText()}";
        }

        if (schema.TryGetProperty("type", out var type) && !Types(type).Any(name => IsOfType(value, name)))
        {
            return $"{place.Path} is not of the type {type.GetRawText()}";
        }

        return FindInAlternatives(value, schema, place) ?? (value.ValueKind switch
        {
            JsonValueKind.Object => FindInObject(value, schema, place),
            JsonValueKind.Array => FindInArray(value, schema, place),
            _ => null,
        });
    }

    private static string? FindInAlternatives(JsonElement value, JsonElement schema, Place place)
    {
        foreach (var name in (ReadOnlySpan<string>)["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(name, out var alternatives) && alternatives.ValueKind == JsonValueKind.Array &&
                alternatives.GetArrayLength() > 0 && alternatives.EnumerateArray().All(one => Find(value, one, place.Deeper) is not null))
            {
                return $"{place.Path} fits none of its alternatives";
            }
        }

        return null;
    }

    private static string? FindInObject(JsonElement value, JsonElement schema, Place place)
    {
        if (schema.TryGetProperty("required", out var required) && required.ValueKind == JsonValueKind.Array &&
            required.EnumerateArray().Select(name => name.GetString()!).FirstOrDefault(name => !value.TryGetProperty(name, out _)) is { } missing)
        {
            return $"{place.Path} lacks the member '{missing}'";
        }

        var properties = schema.TryGetProperty("properties", out var known) ? known : default;
        var isClosed = schema.TryGetProperty("additionalProperties", out var additional) && additional.ValueKind == JsonValueKind.False;
        foreach (var member in value.EnumerateObject())
        {
            var isKnown = properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(member.Name, out _);
            if (!isKnown && isClosed)
            {
                return $"{place.Path} has the unknown member '{member.Name}'";
            }

            if (isKnown && Find(member.Value, properties.GetProperty(member.Name), place.In(member.Name)) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    private static string? FindInArray(JsonElement value, JsonElement schema, Place place) => schema.TryGetProperty("items", out var items)
        ? value.EnumerateArray().Select((item, index) => Find(item, items, place.In(index.ToString(System.Globalization.CultureInfo.InvariantCulture)))).FirstOrDefault(error => error is not null)
        : null;

    private static IEnumerable<string?> Types(JsonElement type) =>
        type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(name => name.GetString()) : [type.GetString()];

    private static bool IsOfType(JsonElement value, string? type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && number == decimal.Truncate(number),
        "number" => value.ValueKind == JsonValueKind.Number,
        _ => true,
    };

    /// <summary>Follows <c>#/$defs/Name</c> and the like; other references are not checked.</summary>
    public static JsonElement? Reference(JsonElement schema, JsonElement root)
    {
        if (!schema.TryGetProperty("$ref", out var reference) || reference.GetString() is not { } path || !path.StartsWith("#/", StringComparison.Ordinal))
        {
            return null;
        }

        var target = root;
        foreach (var part in path[2..].Split('/'))
        {
            if (target.ValueKind != JsonValueKind.Object || !target.TryGetProperty(part, out target))
            {
                return null;
            }
        }

        return target;
    }

    private sealed record Place(string Path, JsonElement Root, int Depth)
    {
        public Place Deeper => this with { Depth = Depth + 1 };

        public Place In(string name) => this with { Path = $"{Path}.{name}", Depth = Depth + 1 };
    }
}
