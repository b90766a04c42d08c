using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Api.Tests;

namespace Cluster.Tests.Api;

/// <summary>What a test leaves in the store of a cluster.</summary>
/// <param name="gateway">Reaches the cluster.</param>
internal sealed class Leftovers(HttpClient gateway)
{
    public async Task DeleteAsync()
    {
        while (await ListAsync("/sessions?limit=100") is { Length: > 0 } sessions)
        {
            foreach (var session in sessions)
            {
                await EndRunsAsync(session.GetProperty("session_id").GetString()!);
            }

            var body = new JsonObject
            {
                ["session_ids"] = new JsonArray([.. sessions.Select(session => (JsonNode)session.GetProperty("session_id").GetString()!)]),
                ["session_types"] = new JsonArray([.. sessions.Select(session => (JsonNode)session.GetProperty("session_type").GetString()!)]),
            };
            using var request = new HttpRequestMessage(HttpMethod.Delete, "/sessions") { Content = TestApi.Json(body.ToJsonString()) };
            using var response = await gateway.SendAsync(request, CancellationToken.None);
            response.EnsureSuccessStatusCode();
        }
    }

    /// <summary>A run that is still at work would write on after its session was deleted.</summary>
    private async Task EndRunsAsync(string sessionId)
    {
        foreach (var run in await ListAsync($"/sessions/{sessionId}/runs"))
        {
            if (run.GetProperty("status").GetString() is "PENDING" or "RUNNING")
            {
                var path = $"/agents/{run.GetProperty("agent_id").GetString()}/runs/{run.GetProperty("run_id").GetString()}";
                using var cancelled = await gateway.PostAsync($"{path}/cancel", null, CancellationToken.None);

                // A stream ends when its run does.
                using var end = await gateway.PostAsync($"{path}/resume", TestApi.Form(("session_id", sessionId)), CancellationToken.None);
            }
        }
    }

    private async Task<JsonElement[]> ListAsync(string path)
    {
        var answer = JsonElement.Parse(await gateway.GetStringAsync(path, CancellationToken.None));
        return [.. (answer.ValueKind == JsonValueKind.Array ? answer : answer.GetProperty("data")).EnumerateArray()];
    }
}
