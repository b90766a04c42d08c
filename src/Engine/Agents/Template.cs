using System.Text.Json;
using System.Text.RegularExpressions;

namespace Cluster.Engine.Agents;

/// <summary>Fills <c>{name}</c> in prompts. Names that nobody knows, and all other braces, stay as they are.</summary>
internal static partial class Template
{
    public static string Fill(string text, string? userId, params ReadOnlySpan<JsonElement> sources)
    {
        if (!text.Contains('{', StringComparison.Ordinal))
        {
            return text;
        }

        var known = sources.ToArray();
        return Placeholder().Replace(text, match => Find(match.Groups[1].Value, known) ?? (match.Groups[1].Value == "user_id" ? userId : null) ?? match.Value);
    }

    private static string? Find(string name, JsonElement[] sources)
    {
        foreach (var source in sources)
        {
            if (source.ValueKind == JsonValueKind.Object && source.TryGetProperty(name, out var value))
            {
                return value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
            }
        }

        return null;
    }

    [GeneratedRegex(@"\{([A-Za-z_][A-Za-z0-9_]*)\}")]
    private static partial Regex Placeholder();
}
