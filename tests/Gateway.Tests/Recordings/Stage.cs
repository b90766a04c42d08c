using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Api.Tests;
using Cluster.Contract.Tests.Replay;

namespace Cluster.Gateway.Tests.Recordings;

/// <summary>A cluster with the reference components, on which one scenario is played after the other.</summary>
/// <param name="address">Its gateway.</param>
/// <param name="clock">The clock of its slow model.</param>
internal sealed class Stage(Uri address, ScenarioClock clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public static TheoryData<string> Scenarios => [.. Contract.Tests.Replay.Scenarios.All.Select(scenario => scenario.Name)];

    /// <summary>Plays a scenario and fails when an answer is not what was recorded.</summary>
    public async Task PlayAsync(string scenario)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(Patience);
        await using var server = new ReferenceServer(address, clock.Begin(), ForgetAsync);

        var surprises = await Player.PlayAsync(server, scenario, stop.Token);

        Assert.True(surprises.Count == 0, $"{surprises.Count} surprises:\n{string.Join('\n', surprises)}");
    }

    /// <summary>Deletes every session with its runs, and every approval, so that the next scenario finds an empty store.</summary>
    private async ValueTask ForgetAsync()
    {
        using var client = new HttpClient { BaseAddress = address };
        while (await ListSessionsAsync(client) is { Length: > 0 } sessions)
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, "/sessions")
            {
                Content = TestApi.Json(new JsonObject { ["session_ids"] = ToArray(sessions), ["session_types"] = ToArray(sessions.Select(_ => "agent")) }.ToJsonString()),
            };
            using var response = await client.SendAsync(request, CancellationToken.None);
            response.EnsureSuccessStatusCode();
        }

        var approvals = JsonElement.Parse(await client.GetStringAsync("/approvals?limit=1000", CancellationToken.None));
        foreach (var approval in approvals.GetProperty("data").EnumerateArray())
        {
            using var response = await client.DeleteAsync($"/approvals/{approval.GetProperty("id").GetString()}", CancellationToken.None);
            response.EnsureSuccessStatusCode();
        }
    }

    private static async Task<string[]> ListSessionsAsync(HttpClient client)
    {
        var page = JsonElement.Parse(await client.GetStringAsync("/sessions?limit=100", CancellationToken.None));
        return [.. page.GetProperty("data").EnumerateArray().Select(session => session.GetProperty("session_id").GetString()!)];
    }

    private static JsonArray ToArray(IEnumerable<string> texts) => [.. texts.Select(text => JsonValue.Create(text))];
}
