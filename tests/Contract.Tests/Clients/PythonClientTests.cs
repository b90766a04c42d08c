using System.Net;
using System.Text;
using System.Text.Json;

namespace Cluster.Contract.Tests.Clients;

/// <summary>What Agno's own Python client does, call by call.</summary>
public sealed class PythonClientTests(ReferenceServer server) : IClassFixture<ReferenceServer>
{
    private const string DataPrefix = "data: ";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_url_encoded_run_answers_with_its_output()
    {
        using var response = await PostAsync("/agents/tool-agent/runs", ("message", "2+3?"), ("stream", "false"), ("session_id", "python-plain"), ("user_id", "user-1"));

        var run = await ReadAsync(response);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("The result is 5", run.GetProperty("content").GetString());
        Assert.Equal("COMPLETED", run.GetProperty("status").GetString());
        Assert.Equal("tool-agent", run.GetProperty("agent_id").GetString());
    }

    [Fact]
    public async Task A_streamed_run_is_dispatched_by_the_event_in_its_data_lines()
    {
        using var response = await PostAsync("/agents/echo-agent/runs", ("message", "Hi"), ("stream", "true"), ("session_id", "python-stream"));

        var lines = (await response.Content.ReadAsStringAsync(Stop)).Split('\n').Where(line => line.StartsWith(DataPrefix, StringComparison.Ordinal));
        var events = lines.Select(line => JsonElement.Parse(line[DataPrefix.Length..])).ToArray();
        Assert.Equal("RunStarted", events[0].GetProperty("event").GetString());
        Assert.Equal("RunCompleted", events[^1].GetProperty("event").GetString());
        Assert.All(events, next => Assert.Equal("echo-agent", next.GetProperty("agent_id").GetString()));
    }

    [Fact]
    public async Task Keyword_arguments_are_json_text_and_unknown_ones_do_no_harm()
    {
        using var response = await PostAsync(
            "/agents/echo-agent/runs", ("message", "Hi"), ("stream", "false"), ("session_id", "python-arguments"), ("session_state", """{"x": 1}"""), ("dependencies", """{"d": "v"}"""),
            ("metadata", """{"m": true}"""), ("run_context", "RunContext(run_id='1')"), ("add_history_to_context", "true"));

        var run = await ReadAsync(response);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(1, run.GetProperty("session_state").GetProperty("x").GetInt32());
    }

    [Fact]
    public async Task Lists_have_data_and_meta_and_turn_pages()
    {
        foreach (var number in Enumerable.Range(1, 3))
        {
            using var run = await PostAsync("/agents/echo-agent/runs", ("message", "Hi"), ("stream", "false"), ("session_id", $"python-page-{number}"), ("user_id", "pager"));
        }

        var first = await ReadAsync(await server.Client.GetAsync("/sessions?type=agent&user_id=pager&limit=2&page=1", Stop));
        var second = await ReadAsync(await server.Client.GetAsync("/sessions?type=agent&user_id=pager&limit=2&page=2", Stop));

        var meta = first.GetProperty("meta");
        Assert.Equal(3, meta.GetProperty("total_count").GetInt32());
        Assert.Equal(2, meta.GetProperty("total_pages").GetInt32());
        var listed = first.GetProperty("data").EnumerateArray().Concat(second.GetProperty("data").EnumerateArray()).Select(session => session.GetProperty("session_id").GetString());
        Assert.Equal(["python-page-1", "python-page-2", "python-page-3"], listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Kinds_are_told_apart_by_the_ids_that_are_there()
    {
        using var created = await PostAsync("/agents/echo-agent/runs", ("message", "Hi"), ("stream", "false"), ("session_id", "python-kinds"));

        var session = await ReadAsync(await server.Client.GetAsync("/sessions/python-kinds", Stop));
        var run = Assert.Single((await ReadAsync(await server.Client.GetAsync("/sessions/python-kinds/runs", Stop))).EnumerateArray());

        Assert.Equal("echo-agent", session.GetProperty("agent_id").GetString());
        Assert.False(session.TryGetProperty("team_id", out _) || session.TryGetProperty("workflow_id", out _));
        Assert.Equal("echo-agent", run.GetProperty("agent_id").GetString());
        Assert.False(run.TryGetProperty("team_id", out _) || run.TryGetProperty("workflow_id", out _));
    }

    [Fact]
    public async Task A_run_is_cancelled_without_a_body_or_a_session()
    {
        using var started = await PostAsync("/agents/slow-agent/runs", ("message", "Hi"), ("stream", "false"), ("background", "true"), ("session_id", "python-cancel"));
        var runId = (await ReadAsync(started)).GetProperty("run_id").GetString();

        using var cancelled = await server.Client.PostAsync($"/agents/slow-agent/runs/{runId}/cancel", null, Stop);

        using var resumed = await PostAsync($"/agents/slow-agent/runs/{runId}/resume", ("session_id", "python-cancel"));
        await resumed.Content.ReadAsStringAsync(Stop);
        var run = await ReadAsync(await server.Client.GetAsync($"/agents/slow-agent/runs/{runId}?session_id=python-cancel", Stop));
        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        Assert.Equal("CANCELLED", run.GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_paused_run_goes_on_with_the_tools_that_it_gave_out()
    {
        using var paused = await PostAsync("/agents/confirm-agent/runs", ("message", "delete it"), ("stream", "false"), ("session_id", "python-pause"));
        var run = await ReadAsync(paused);
        var tools = run.GetProperty("tools").GetRawText().Replace("\"confirmed\":null", "\"confirmed\":true", StringComparison.Ordinal);

        using var continued = await PostAsync(
            $"/agents/confirm-agent/runs/{run.GetProperty("run_id").GetString()}/continue", ("tools", tools), ("session_id", "python-pause"), ("stream", "false"));

        var after = await ReadAsync(continued);
        Assert.Equal("PAUSED", run.GetProperty("status").GetString());
        Assert.Equal("COMPLETED", after.GetProperty("status").GetString());
        Assert.Equal("Done: Deleted /tmp/a.txt", after.GetProperty("content").GetString());
    }

    [Fact]
    public async Task Several_sessions_are_deleted_by_a_json_body()
    {
        using var created = await PostAsync("/agents/echo-agent/runs", ("message", "Hi"), ("stream", "false"), ("session_id", "python-delete"));
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/sessions")
        {
            Content = new StringContent("""{"session_ids": ["python-delete"], "session_types": ["agent"]}""", Encoding.UTF8, "application/json"),
        };

        using var deleted = await server.Client.SendAsync(request, Stop);

        using var after = await server.Client.GetAsync("/sessions/python-delete", Stop);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, after.StatusCode);
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response) => JsonElement.Parse(await response.Content.ReadAsStringAsync(Stop));

    private Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] fields) =>
        server.Client.PostAsync(path, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))), Stop);
}
