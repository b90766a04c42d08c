using System.Text.Json;

namespace Cluster.Providers.Toolkits.Apis;

/// <summary>Takes from answers what a model needs.</summary>
internal static class ApiJson
{
    /// <summary>Leaves members out.</summary>
    public static Func<JsonElement, Dictionary<string, JsonElement>> Without(params string[] members) =>
        item => item.EnumerateObject().Where(member => !members.Contains(member.Name, StringComparer.Ordinal)).DistinctBy(member => member.Name).ToDictionary(member => member.Name, member => member.Value);

    /// <summary>Gives what a path of members leads to; undefined when it leads nowhere.</summary>
    public static JsonElement At(this JsonElement item, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            item = item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var member) ? member : default;
        }

        return item;
    }

    /// <summary>Gives a text; null when there is none.</summary>
    public static string? Text(this JsonElement item, params ReadOnlySpan<string> path) => item.At(path) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>Gives the items of a list; none when there is no list.</summary>
    public static IEnumerable<JsonElement> List(this JsonElement item, params ReadOnlySpan<string> path) => item.At(path) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];
}
