using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Cluster.Tests.Processes;

namespace Cluster.Tests.Evidence;

/// <summary>A run as the product's own log has it, read from its tables.</summary>
internal sealed record LoggedRun(string RunId, string Status, string? IdempotencyKey, IReadOnlyList<RunEvent> Events)
{
    /// <summary>Gets the tool calls whose outcome was committed.</summary>
    public IEnumerable<ToolCallSettled> Settled => Events.OfType<ToolCallSettled>();

    /// <summary>Reads all runs.</summary>
    public static async Task<List<LoggedRun>> ReadAllAsync(TestDatabase store)
    {
        var events = (await store.ReadAsync(
            "SELECT run_id, events::text FROM run_events ORDER BY run_id, position",
            row => (RunId: row.GetString(0), Events: JsonSerializer.Deserialize<RunEvent[]>(row.GetString(1), EngineJson.Options)!)))
            .ToLookup(row => row.RunId, row => row.Events);
        return await store.ReadAsync(
            "SELECT run_id, status, idempotency_key FROM runs ORDER BY sequence",
            row => new LoggedRun(row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), [.. events[row.GetString(0)].SelectMany(some => some)]));
    }
}
