using System.Text.Json;
using Cluster.Engine.Json;

namespace Cluster.Engine.Tools.Schemas;

/// <summary>Reads the arguments of a call as its tool's schema means them, as far as there is only one way to read them.</summary>
internal static class CallArguments
{
    private const int MostReferences = 8;

    /// <summary>Reads what a model wrote where it had nothing to say: nothing, <c>null</c> or an empty list. A text that holds an object stands for it.</summary>
    /// <param name="text">The text of the arguments, which is no object.</param>
    /// <param name="schema">The schema that the model was shown.</param>
    /// <returns>The object; null when the text stands for none, or the tool cannot be called without arguments.</returns>
    public static JsonElement? Mend(string text, JsonElement schema)
    {
        var value = TryParse(text);
        if (value is { ValueKind: JsonValueKind.String } written)
        {
            value = TryParse(written.GetString()!);
            text = written.GetString()!;
        }

        return value is { ValueKind: JsonValueKind.Object } ? value
            : IsNothing(text, value) && !ToolSchema.Required(schema).Any() ? EngineJson.EmptyObject
            : null;
    }

    /// <summary>
    /// Gives the arguments for a call. A null that the schema does not allow counts as left out, so that the tool takes its default. A text stands for the number,
    /// truth value, list or object that it spells where no text is allowed.
    /// </summary>
    /// <param name="arguments">The arguments, an object.</param>
    /// <param name="schema">The schema of all of them.</param>
    public static IEnumerable<KeyValuePair<string, JsonElement>> Fit(JsonElement arguments, JsonElement schema)
    {
        var properties = Member(schema, "properties");
        foreach (var argument in arguments.EnumerateObject())
        {
            if (properties is not { ValueKind: JsonValueKind.Object } known || !known.TryGetProperty(argument.Name, out var wanted))
            {
                yield return KeyValuePair.Create(argument.Name, argument.Value);
            }
            else if (argument.Value.ValueKind != JsonValueKind.Null)
            {
                yield return KeyValuePair.Create(argument.Name, argument.Value.ValueKind == JsonValueKind.String ? Fit(argument.Value, wanted, schema) : argument.Value);
            }
            else if (KindsOf(wanted, schema) is not { } kinds || kinds.Contains("null"))
            {
                yield return KeyValuePair.Create(argument.Name, argument.Value);
            }
        }
    }

    private static bool IsNothing(string text, JsonElement? value) => string.IsNullOrWhiteSpace(text) || value switch
    {
        { ValueKind: JsonValueKind.Null } => true,
        { ValueKind: JsonValueKind.Array } list => list.GetArrayLength() == 0,
        _ => false,
    };

    /// <summary>Reads a text as what the schema asks for. Most ask for a text, and then nothing is put together to find that out.</summary>
    private static JsonElement Fit(JsonElement text, JsonElement wanted, JsonElement schema)
    {
        if (Member(wanted, "$ref") is null && Member(wanted, "type") is { ValueKind: JsonValueKind.String } type && type.ValueEquals("string"u8))
        {
            return text;
        }

        return KindsOf(wanted, schema) is { } kinds && !kinds.Contains("string") && Spelled(text.GetString()!, kinds) is { } spelled ? spelled : text;
    }

    /// <summary>Reads a text as the only kind of value that may stand in its place.</summary>
    private static JsonElement? Spelled(string text, HashSet<string> kinds)
    {
        // Models of Python write its words.
        var value = TryParse(text.Trim() switch { "True" or "TRUE" => "true", "False" or "FALSE" => "false", var other => other });
        var kind = value?.ValueKind switch
        {
            JsonValueKind.Number => value.Value.TryGetInt64(out _) && kinds.Contains("integer") ? "integer" : "number",
            JsonValueKind.True or JsonValueKind.False => "boolean",
            JsonValueKind.Array => "array",
            JsonValueKind.Object => "object",
            _ => null,
        };
        return kind is not null && kinds.Contains(kind) ? value : null;
    }

    /// <summary>Names the types that a schema allows; null when it does not say, and everything may be meant.</summary>
    private static HashSet<string>? KindsOf(JsonElement schema, JsonElement root)
    {
        for (var references = 0; Member(schema, "$ref") is { ValueKind: JsonValueKind.String } reference; references++)
        {
            if (references == MostReferences || SchemaMerge.Follow(root, reference.GetString()!) is not { } target)
            {
                return null;
            }

            schema = target;
        }

        if (Member(schema, "nullable") is { ValueKind: JsonValueKind.True } || AllowsNull(schema))
        {
            return Member(schema, "type") is { ValueKind: JsonValueKind.String } single ? [single.GetString()!, "null"] : null;
        }

        return Member(schema, "type") switch
        {
            { ValueKind: JsonValueKind.String } single => [single.GetString()!],
            { ValueKind: JsonValueKind.Array } several => [.. several.EnumerateArray().Where(kind => kind.ValueKind == JsonValueKind.String).Select(kind => kind.GetString()!)],
            _ => Alternatives(schema, root),
        };
    }

    private static bool AllowsNull(JsonElement schema) =>
        Member(schema, "enum") is { ValueKind: JsonValueKind.Array } values && values.EnumerateArray().Any(value => value.ValueKind == JsonValueKind.Null);

    private static HashSet<string>? Alternatives(JsonElement schema, JsonElement root)
    {
        var branches = Member(schema, "anyOf") ?? Member(schema, "oneOf");
        if (branches is not { ValueKind: JsonValueKind.Array } all)
        {
            return null;
        }

        var kinds = new HashSet<string>(StringComparer.Ordinal);
        foreach (var branch in all.EnumerateArray())
        {
            if (Member(branch, "anyOf") is not null || Member(branch, "oneOf") is not null || KindsOf(branch, root) is not { } own)
            {
                return null;
            }

            kinds.UnionWith(own);
        }

        return kinds;
    }

    private static JsonElement? Member(JsonElement json, string name) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : null;

    private static JsonElement? TryParse(string text)
    {
        try
        {
            return UniqueMembers.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
