using System.Text.Json;
using static Cluster.Api.Tests.TestTeams;

namespace Cluster.Api.Tests;

/// <summary>Which events the stored run shows: those of the parts of it whose caller asked for a stream.</summary>
public sealed class StoredEventTests
{
    private static readonly string[] Paused = ["RunStarted", "ModelRequestStarted", "ModelRequestCompleted", "RunContentCompleted", "RunPaused"];
    private static readonly string[] GoneOn = ["RunContinued", "ToolCallStarted", "ToolCallCompleted", "ModelRequestStarted", "ModelRequestCompleted", "RunContentCompleted", "RunCompleted"];

    [Theory]
    [InlineData("false", "false")]
    [InlineData("false", "true")]
    [InlineData("true", "false")]
    [InlineData("true", "true")]
    public async Task A_run_keeps_the_events_of_the_parts_that_were_streamed(string first, string second)
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/agents/confirm-agent/runs", ("message", "Hi"), ("session_id", "s1"), ("stream", first));
        var path = $"/agents/confirm-agent/runs/{Text(await ListedAsync(api, "/agents/confirm-agent"), "run_id")}";
        var tools = JsonElement.Parse(await api.GetAsync($"{path}?session_id=s1")).GetProperty("tools").GetRawText().Replace("\"confirmed\":null", "\"confirmed\":true", StringComparison.Ordinal);

        await api.PostAsync(path + "/continue", ("session_id", "s1"), ("tools", tools), ("stream", second));

        string[] expected = [.. first == "true" ? Paused : [], .. second == "true" ? GoneOn : []];
        Assert.Equal(expected, Texts(JsonElement.Parse(await api.GetAsync($"{path}?session_id=s1")).GetProperty("events"), "event"));
        var listed = await ListedAsync(api, "/agents/confirm-agent");
        Assert.Equal(expected, listed.GetProperty("events") is { ValueKind: JsonValueKind.Array } events ? Texts(events, "event") : []);
    }

    private static async Task<JsonElement> ListedAsync(TestApi api, string component) => JsonElement.Parse(await api.GetAsync($"{component}/runs?session_id=s1"))[0];
}
