using System.Globalization;
using System.Text;

namespace Cluster.Api.Runs;

/// <summary>A frame about a resumed stream itself. Its JSON has the spaces and escapes that AgentOS writes there, unlike that of events.</summary>
/// <param name="Name">The frame's name.</param>
/// <param name="Members">The members after <c>event</c>: texts and numbers.</param>
internal sealed record StreamNotice(string Name, params IReadOnlyList<(string Key, object Value)> Members)
{
    public static StreamNotice NotFound(string runId) => new("error", ("error", $"Run {runId} not found in buffer or database"));

    public static StreamNotice Replay(string runId, string status, int missed, int total, long after) => new(
        "replay",
        ("run_id", runId),
        ("status", status),
        ("total_events", missed),
        ("total_buffered", total),
        ("last_event_index_requested", after),
        ("message", $"Run {status}. Replaying {missed} missed events (of {total} total)."));

    public static StreamNotice CatchUp(string runId, long missed, long count) => new(
        "catch_up",
        ("run_id", runId),
        ("status", "running"),
        ("missed_events", missed),
        ("current_event_count", count),
        ("message", $"Catching up on {missed} missed events."));

    public static StreamNotice Subscribed(string runId, ComponentKind kind, long count) => new(
        "subscribed",
        ("run_id", runId),
        ("status", "running"),
        ("current_event_count", count),
        ("message", $"Subscribed to {kind.Name} run. Receiving live events."));

    public string ToJson()
    {
        var json = new StringBuilder("{\"event\": ");
        Append(json, Name);
        foreach (var (key, value) in Members)
        {
            json.Append(", \"").Append(key).Append("\": ");
            Append(json, value);
        }

        return json.Append('}').ToString();
    }

    private static void Append(StringBuilder json, object value)
    {
        if (value is not string text)
        {
            json.Append(CultureInfo.InvariantCulture, $"{value}");
            return;
        }

        json.Append('"');
        foreach (var next in text)
        {
            _ = next switch
            {
                '"' or '\\' => json.Append('\\').Append(next),
                >= ' ' and <= '~' => json.Append(next),
                _ => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)next:x4}"),
            };
        }

        json.Append('"');
    }
}
