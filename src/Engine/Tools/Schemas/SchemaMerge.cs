using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Engine.Json;

namespace Cluster.Engine.Tools.Schemas;

/// <summary>Puts the parts of a schema of arguments together that stand behind references and in alternatives at its top.</summary>
/// <param name="root">The schema.</param>
internal sealed class SchemaMerge(JsonElement root)
{
    private const int Deepest = 48;

    private static readonly string[] NotAtTheTop = ["allOf", "anyOf", "oneOf", "not", "enum", "const", "if", "then", "else", "$ref", "items", "nullable"];

    private readonly HashSet<string> _followed = new(StringComparer.Ordinal);

    /// <summary>Finds what a reference within a schema stands for.</summary>
    /// <returns>The target; null when the reference leads nowhere or out.</returns>
    public static JsonElement? Follow(JsonElement root, string reference)
    {
        if (!reference.StartsWith('#'))
        {
            return null;
        }

        var target = root;
        foreach (var step in reference[1..].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = Uri.UnescapeDataString(step).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (target.ValueKind == JsonValueKind.Object && target.TryGetProperty(name, out var member))
            {
                target = member;
            }
            else if (target.ValueKind == JsonValueKind.Array && int.TryParse(name, out var place) && place >= 0 && place < target.GetArrayLength())
            {
                target = target[place];
            }
            else
            {
                return null;
            }
        }

        return target;
    }

    /// <summary>Arguments are an object. Vendors want to see that at the top: what stands behind a reference there, or in alternatives, is put together.</summary>
    public void ToObject(JsonObject top)
    {
        var (properties, required) = (new JsonObject(), new HashSet<string>(StringComparer.Ordinal));
        Gather(top, properties, required, depth: 0);
        foreach (var name in NotAtTheTop)
        {
            top.Remove(name);
        }

        top["type"] = "object";
        if (properties.Count != (top["properties"] as JsonObject)?.Count)
        {
            top["properties"] = properties;
        }

        if (required.Count > 0 && required.Count != (top["required"] as JsonArray)?.Count)
        {
            top["required"] = new JsonArray([.. required.Select(name => JsonValue.Create(name))]);
        }
    }

    /// <summary>Of alternatives, only what all of them need is needed.</summary>
    private void Gather(JsonNode? node, JsonObject properties, HashSet<string> required, int depth)
    {
        if (node is not JsonObject schema || depth > Deepest)
        {
            return;
        }

        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            properties.TryAdd(name, property?.DeepClone());
        }

        required.UnionWith(SchemaCompletion.Texts(schema["required"]));
        if (SchemaCompletion.Text(schema["$ref"]) is { } reference && _followed.Add(reference) && Follow(root, reference) is { ValueKind: JsonValueKind.Object } target)
        {
            Gather(UniqueMembers.ToObject(target), properties, required, depth + 1);
        }

        foreach (var part in schema["allOf"] as JsonArray ?? [])
        {
            Gather(part, properties, required, depth + 1);
        }

        foreach (var branches in new[] { schema["anyOf"], schema["oneOf"] }.OfType<JsonArray>())
        {
            required.UnionWith(GatherBranches(branches, properties, depth + 1));
        }
    }

    private HashSet<string> GatherBranches(JsonArray branches, JsonObject properties, int depth)
    {
        HashSet<string>? common = null;
        foreach (var branch in branches)
        {
            var own = new HashSet<string>(StringComparer.Ordinal);
            Gather(branch, properties, own, depth);
            common = common is null ? own : [.. common.Intersect(own, StringComparer.Ordinal)];
        }

        return common ?? [];
    }
}
