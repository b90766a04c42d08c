using System.Text.Json;
using System.Text.RegularExpressions;

namespace Cluster.Contract.Tests.Replay;

/// <summary>
/// Brings events of members into one order. Members that work at once are told as they speak, so that only the order within each of their runs is a promise;
/// the recorded model never waited, so its members spoke one after the other.
/// </summary>
internal static partial class MemberOrder
{
    /// <summary>Sorts what stands between two events of the team itself. Indexes stay in their places.</summary>
    /// <typeparam name="T">What holds an event.</typeparam>
    /// <param name="events">The events.</param>
    /// <param name="json">Gives an event's JSON.</param>
    /// <param name="with">Gives the same with other JSON.</param>
    public static IReadOnlyList<T> Sort<T>(IEnumerable<T> events, Func<T, string> json, Func<T, string, T> with)
    {
        var sorted = new List<T>();
        var block = new List<T>();
        foreach (var next in events)
        {
            if (MemberOf(json(next)) is null)
            {
                Flush();
                sorted.Add(next);
            }
            else
            {
                block.Add(next);
            }
        }

        Flush();
        return sorted;

        void Flush()
        {
            var indexes = block.Select(next => Index().Match(json(next)).Value).ToArray();
            sorted.AddRange(block.OrderBy(next => MemberOf(json(next)), StringComparer.Ordinal).Select((next, place) => with(next, Index().Replace(json(next), indexes[place]))));
            block.Clear();
        }
    }

    /// <summary>Sorts an array of events; another one stays as it is.</summary>
    public static IReadOnlyList<JsonElement> Sort(JsonElement array)
    {
        JsonElement[] items = [.. array.EnumerateArray()];
        return items.Length > 0 && items.All(item => item.ValueKind == JsonValueKind.Object && item.TryGetProperty("event", out _))
            ? Sort(items, item => item.GetRawText(), (_, text) => JsonElement.Parse(text))
            : items;
    }

    private static string? MemberOf(string json)
    {
        var next = JsonElement.Parse(json);
        return next.ValueKind == JsonValueKind.Object && next.TryGetProperty("parent_run_id", out _) && next.TryGetProperty("agent_id", out var agent)
            ? agent.GetString()
            : null;
    }

    [GeneratedRegex("""(?<="event_index":)\d+""")]
    private static partial Regex Index();
}
