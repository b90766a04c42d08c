using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Api.Tests;

public sealed class ContinueTests
{
    private const string Confirm = "/agents/confirm-agent/runs";

    [Fact]
    public async Task A_confirmed_call_is_made_and_the_run_ends()
    {
        await using var api = await TestApi.StartAsync();
        var (runId, tools) = await PauseAsync(api);

        var answer = await api.PostAsync($"{Confirm}/{runId}/continue", ("tools", Confirmed(tools)), ("session_id", "s1"), ("stream", "false"));

        Assert.StartsWith("""200 {"run_id":"<id>","agent_id":"confirm-agent","agent_name":"Confirm Agent","session_id":"s1","content":"Done: Deleted /tmp/a.txt","content_type":"str",""", answer, StringComparison.Ordinal);
        Assert.Contains("\"status\":\"COMPLETED\",\"metrics\":{\"input_tokens\":20,", answer, StringComparison.Ordinal);
        Assert.Contains("},\"events\":[],\"messages\":[", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_continued_stream_holds_only_what_is_new()
    {
        await using var api = await TestApi.StartAsync();
        var (runId, tools) = await PauseAsync(api);

        using var stream = await LiveStream.PostAsync(api, $"{Confirm}/{runId}/continue", ("tools", Confirmed(tools)), ("session_id", "s1"));
        var frames = await stream.RestAsync();

        Assert.StartsWith("event: RunContinued\ndata: {", frames[0], StringComparison.Ordinal);
        Assert.StartsWith("event: ToolCallStarted\ndata: {", frames[1], StringComparison.Ordinal);
        Assert.StartsWith("event: RunCompleted\ndata: {", frames[^1], StringComparison.Ordinal);
        Assert.DoesNotContain(frames, frame => frame.StartsWith("event: RunStarted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_without_tools_rejects()
    {
        await using var api = await TestApi.StartAsync();
        var (runId, _) = await PauseAsync(api);

        var answer = await api.PostAsync($"{Confirm}/{runId}/continue", ("tools", ""), ("session_id", "s1"), ("stream", "false"));

        Assert.Contains("\"content\":\"Done: Function call was rejected by the user\"", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{nope", "s1", """400 {"detail":"Invalid JSON in tools field"}""")]
    [InlineData("[]", "", """400 {"detail":"session_id is required for this action"}""")]
    public async Task A_malformed_answer_is_refused(string tools, string sessionId, string expected)
    {
        await using var api = await TestApi.StartAsync();
        var (runId, _) = await PauseAsync(api);

        Assert.Equal(expected, await api.PostAsync($"{Confirm}/{runId}/continue", ("tools", tools), ("session_id", sessionId), ("stream", "false")));
    }

    [Theory]
    [InlineData("""["x"]""")]
    [InlineData("[null]")]
    [InlineData("""{"tool_call_id": "c"}""")]
    public async Task Tools_of_the_wrong_shape_are_refused(string tools)
    {
        await using var api = await TestApi.StartAsync();
        var (runId, _) = await PauseAsync(api);

        var answer = await api.PostAsync($"{Confirm}/{runId}/continue", ("tools", tools), ("session_id", "s1"), ("stream", "false"));

        Assert.StartsWith("""400 {"detail":"Invalid structure or content for tools: $""", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Cluster", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_unknown_in_the_session_is_not_found_and_makes_no_session()
    {
        await using var api = await TestApi.StartAsync();
        var (runId, _) = await PauseAsync(api);

        Assert.Equal("""404 {"detail":"No runs found for run ID nope"}""", await api.PostAsync($"{Confirm}/nope/continue", ("session_id", "s1"), ("stream", "false")));
        Assert.Equal("""404 {"detail":"No runs found for run ID <id>"}""", await api.PostAsync($"{Confirm}/{runId}/continue", ("session_id", "s2"), ("stream", "false")));
        Assert.Equal("""404 {"detail":"Session with id 's2' not found"}""", await api.SendAsync(HttpMethod.Get, "/sessions/s2"));
    }

    [Fact]
    public async Task To_a_stream_an_unknown_run_is_one_bare_event()
    {
        await using var api = await TestApi.StartAsync();

        Assert.Equal(
            "200 event: RunError\n" + """data: {"created_at":1795160377,"event":"RunError","run_id":"nope","nested_depth":0,"content":"No runs found for run ID nope","error_type":"RunNotFoundError"}""" + "\n\n",
            await api.PostAsync($"{Confirm}/nope/continue", ("session_id", "s1")));
    }

    [Fact]
    public async Task A_cancelled_run_cannot_be_continued()
    {
        var model = new SpokenModel();
        await using var api = await TestApi.StartAsync(services => services.AddAgent(model.Agent));
        using var stream = await LiveStream.PostAsync(api, "/agents/spoken/runs", ("message", "Hi"), ("session_id", "s1"));
        var runId = LiveStream.RunIdOf((await stream.NextAsync())!);
        await api.SendAsync(HttpMethod.Post, $"/agents/spoken/runs/{runId}/cancel");
        await stream.RestAsync();

        Assert.Equal(
            """409 {"detail":"Cannot continue run <id>: run is cancelled"}""",
            await api.PostAsync($"/agents/spoken/runs/{runId}/continue", ("session_id", "s1"), ("stream", "false")));
    }

    [Fact]
    public async Task Answers_to_a_completed_run_are_refused()
    {
        await using var api = await TestApi.StartAsync();
        var (runId, tools) = await PauseAsync(api);
        await api.PostAsync($"{Confirm}/{runId}/continue", ("tools", Confirmed(tools)), ("session_id", "s1"), ("stream", "false"));

        var again = await api.PostAsync($"{Confirm}/{runId}/continue", ("tools", Confirmed(tools)), ("session_id", "s1"), ("stream", "false"));

        Assert.Equal("""409 {"detail":"Cannot continue run <id>: run is completed"}""", again);
    }

    private static async Task<(string RunId, JsonElement Tools)> PauseAsync(TestApi api)
    {
        var run = await api.RunAsync("confirm-agent", ("session_id", "s1"));
        Assert.Equal("PAUSED", run.GetProperty("status").GetString());
        return (run.GetProperty("run_id").GetString()!, run.GetProperty("tools"));
    }

    private static string Confirmed(JsonElement tools) => tools.GetRawText().Replace("\"confirmed\":null", "\"confirmed\":true", StringComparison.Ordinal);
}
