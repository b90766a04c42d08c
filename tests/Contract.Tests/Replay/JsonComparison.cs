using System.Text.Json;
using System.Text.RegularExpressions;

namespace Cluster.Contract.Tests.Replay;

/// <summary>
/// Compares JSON as a client would: the same members in the same order, the same types, null where null was and absent where nothing was, and equal
/// values. Ids, times and durations may differ in value, not in form, and an id must stand for the same thing wherever it appears.
/// </summary>
internal sealed partial class JsonComparison(IdMap ids)
{
    /// <summary>Members whose numbers are never the same twice.</summary>
    private static readonly HashSet<string> Measured = new(StringComparer.Ordinal)
    {
        "created_at", "updated_at", "resolved_at", "start_time", "end_time", "duration", "time_to_first_token", "search_time_ms",
    };

    private readonly List<Difference> _differences = [];

    public static IReadOnlyList<Difference> Compare(string recorded, string ours, IdMap ids, string root = "$")
    {
        var comparison = new JsonComparison(ids);
        if (!TryParse(ours, out var actual))
        {
            return [new Difference(root, $"is not JSON: {ours}")];
        }

        comparison.Compare(JsonElement.Parse(recorded), actual, root, string.Empty);
        if (HasSpaces(recorded) != HasSpaces(ours))
        {
            comparison.Add(root, HasSpaces(ours) ? "has spaces between its tokens" : "has no spaces between its tokens");
        }

        return comparison._differences;
    }

    private static bool TryParse(string text, out JsonElement json)
    {
        try
        {
            json = JsonElement.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            json = default;
            return false;
        }
    }

    private static bool HasSpaces(string json) => StringLiteral().Replace(json, "\"\"").Contains(' ', StringComparison.Ordinal);

    private void Compare(JsonElement recorded, JsonElement ours, string path, string member)
    {
        if (Kind(recorded) != Kind(ours))
        {
            Add(path, $"was {Show(recorded)} and is {Show(ours)}");
            return;
        }

        switch (recorded.ValueKind)
        {
            case JsonValueKind.Object:
                CompareObjects(recorded, ours, path);
                break;
            case JsonValueKind.Array:
                CompareArrays(recorded, ours, path);
                break;
            case JsonValueKind.String:
                CompareTexts(recorded, ours, path);
                break;
            case JsonValueKind.Number when Measured.Contains(member):
                break;
            default:
                if (recorded.GetRawText() != ours.GetRawText())
                {
                    Add(path, $"was {Show(recorded)} and is {Show(ours)}");
                }

                break;
        }
    }

    private void CompareObjects(JsonElement recorded, JsonElement ours, string path)
    {
        var before = recorded.EnumerateObject().Select(property => property.Name).ToArray();
        var now = ours.EnumerateObject().Select(property => property.Name).ToArray();
        foreach (var missing in before.Except(now))
        {
            Add($"{path}.{missing}", $"is missing; it was {Show(recorded.GetProperty(missing))}");
        }

        foreach (var extra in now.Except(before))
        {
            Add($"{path}.{extra}", $"is new: {Show(ours.GetProperty(extra))}");
        }

        var common = before.Intersect(now).ToArray();
        if (!common.SequenceEqual(now.Intersect(before)))
        {
            Add(path, $"has its members in the order {string.Join(", ", now)}; it was {string.Join(", ", before)}");
        }

        foreach (var name in common)
        {
            Compare(recorded.GetProperty(name), ours.GetProperty(name), $"{path}.{name}", name);
        }
    }

    private void CompareArrays(JsonElement recorded, JsonElement ours, string path)
    {
        if (recorded.GetArrayLength() != ours.GetArrayLength())
        {
            Add(path, $"had {recorded.GetArrayLength()} items and has {ours.GetArrayLength()}: {Show(ours)}");
        }

        foreach (var (before, now, index) in MemberOrder.Sort(recorded).Zip(MemberOrder.Sort(ours)).Select((pair, index) => (pair.First, pair.Second, index)))
        {
            Compare(before, now, $"{path}[{index}]", string.Empty);
        }
    }

    private void CompareTexts(JsonElement recorded, JsonElement ours, string path)
    {
        var before = recorded.GetString()!;
        var now = ours.GetString()!;
        if (IdMap.IsId(before))
        {
            if (!IdMap.IsId(now))
            {
                Add(path, $"was an id and is {Show(ours)}");
            }
            else if (!ids.Learn(before, now))
            {
                Add(path, $"was the id {before}, which is another one of ours elsewhere, and is {now}");
            }
        }
        else if (Mask(recorded.GetRawText()) != Mask(ours.GetRawText()))
        {
            Add(path, $"was {Show(recorded)} and is {Show(ours)}");
        }
    }

    /// <summary>Masks what is never the same twice. The raw JSON text is compared, so that escapes count.</summary>
    private static string Mask(string text)
    {
        var masked = Duration().Replace(IdMap.Mask(text), "in <time>s");
        return Time().Replace(masked, match => Digit().Replace(match.Value, "0"));
    }

    /// <summary>Whole numbers and others are told apart, as are true and false only by value.</summary>
    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetInt64(out _) && !value.GetRawText().Contains('.', StringComparison.Ordinal) ? "int" : "number",
        JsonValueKind.True or JsonValueKind.False => "bool",
        var kind => kind.ToString(),
    };

    private static string Show(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length > 300 ? $"{text[..300]}…" : text;
    }

    private void Add(string path, string text) => _differences.Add(new Difference(path, text));

    [GeneratedRegex("""
        "(?:[^"\\]|\\.)*"
        """)]
    private static partial Regex StringLiteral();

    [GeneratedRegex(@"in \d+\.\d{4}s")]
    private static partial Regex Duration();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.:+Z-]*")]
    private static partial Regex Time();

    [GeneratedRegex(@"\d")]
    private static partial Regex Digit();
}
