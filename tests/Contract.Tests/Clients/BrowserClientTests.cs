using System.Net;
using System.Text;
using System.Text.Json;

namespace Cluster.Contract.Tests.Clients;

/// <summary>What the open-source Agent UI does, call by call.</summary>
public sealed class BrowserClientTests(ReferenceServer server) : IClassFixture<ReferenceServer>
{
    private const string Origin = "http://localhost:3000";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_server_is_found_by_its_health()
    {
        using var response = await server.Client.GetAsync("/health", Stop);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/agents")]
    [InlineData("GET", "/teams")]
    [InlineData("GET", "/sessions")]
    [InlineData("GET", "/sessions/any/runs")]
    [InlineData("DELETE", "/sessions/any")]
    [InlineData("POST", "/agents/echo-agent/runs")]
    public async Task A_browser_may_call_after_its_preflight(string method, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, path);
        request.Headers.Add("Origin", Origin);
        request.Headers.Add("Access-Control-Request-Method", method);
        request.Headers.Add("Access-Control-Request-Headers", "content-type");

        using var response = await server.Client.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Origin, Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Contains(method, Assert.Single(response.Headers.GetValues("Access-Control-Allow-Methods")), StringComparison.Ordinal);
        Assert.Contains("content-type", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Headers")), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("/health", HttpStatusCode.OK)]
    [InlineData("/sessions/not-there", HttpStatusCode.NotFound)]
    [InlineData("/nowhere", HttpStatusCode.NotFound)]
    [InlineData("/sessions?limit=abc", HttpStatusCode.UnprocessableContent)]
    public async Task A_browser_may_read_every_answer_errors_too(string path, HttpStatusCode status)
    {
        using var response = await server.Client.SendAsync(Request(HttpMethod.Get, path), Stop);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(Origin, Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
    }

    [Theory]
    [InlineData("/agents")]
    [InlineData("/teams")]
    public async Task Agents_and_teams_name_their_model_and_a_database(string path)
    {
        using var response = await server.Client.SendAsync(Request(HttpMethod.Get, path), Stop);

        var agents = await ReadAsync(response);
        Assert.NotEmpty(agents.EnumerateArray());
        Assert.All(agents.EnumerateArray(), agent =>
        {
            Assert.False(string.IsNullOrEmpty(agent.GetProperty("id").GetString()));
            Assert.False(string.IsNullOrEmpty(agent.GetProperty("db_id").GetString()));
            Assert.Equal("scripted-1", agent.GetProperty("model").GetProperty("model").GetString());
        });
    }

    [Fact]
    public async Task Workflows_are_a_list_even_without_any()
    {
        using var response = await server.Client.SendAsync(Request(HttpMethod.Get, "/workflows"), Stop);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty((await ReadAsync(response)).EnumerateArray());
    }

    [Theory]
    [InlineData("echo-agent", "Hello from the model")]
    [InlineData("tool-agent", "The result is 5")]
    public async Task A_run_is_read_as_balanced_braces_and_ends_with_the_whole_answer(string agentId, string answer)
    {
        var events = await RunAsync(agentId, sessionId: string.Empty);

        var deltas = events.Where(next => Name(next) == "RunContent").Select(next => next.GetProperty("content").GetString());
        Assert.Equal("RunStarted", Name(events[0]));
        Assert.Equal("RunCompleted", Name(events[^1]));
        Assert.Equal(answer, string.Concat(deltas));
        Assert.Equal(answer, events[^1].GetProperty("content").GetString());
        Assert.All(events, next => Assert.False(next.TryGetProperty("data", out _)));
    }

    [Fact]
    public async Task An_empty_session_id_begins_a_new_session_that_all_events_name()
    {
        var first = await RunAsync("echo-agent", sessionId: string.Empty);
        var second = await RunAsync("echo-agent", sessionId: string.Empty);

        var session = Assert.Single(first.Select(next => next.GetProperty("session_id").GetString()).Distinct());
        Assert.False(string.IsNullOrEmpty(session));
        Assert.NotEqual(session, second[0].GetProperty("session_id").GetString());
    }

    [Fact]
    public async Task A_tool_call_that_began_and_one_that_ended_are_known_to_be_the_same()
    {
        var events = await RunAsync("tool-agent", sessionId: string.Empty);

        var began = events.Single(next => Name(next) == "ToolCallStarted").GetProperty("tool");
        var ended = events.Single(next => Name(next) == "ToolCallCompleted").GetProperty("tool");
        Assert.Equal(began.GetProperty("tool_call_id").GetString(), ended.GetProperty("tool_call_id").GetString());
        Assert.Equal("add", began.GetProperty("tool_name").GetString());
        Assert.Equal("add", ended.GetProperty("tool_name").GetString());
    }

    [Fact]
    public async Task The_history_of_a_session_whose_first_run_still_streams_is_not_an_empty_list()
    {
        using var response = await server.Client.SendAsync(Start("slow-agent", string.Empty), HttpCompletionOption.ResponseHeadersRead, Stop);
        await using var events = JsonScanner.ScanAsync(await response.Content.ReadAsStreamAsync(Stop), Stop).GetAsyncEnumerator(Stop);
        Assert.True(await events.MoveNextAsync());
        var session = events.Current.GetProperty("session_id").GetString();

        using var history = await server.Client.SendAsync(Request(HttpMethod.Get, $"/sessions/{session}/runs?type=agent&db_id=demo-db"), Stop);

        var shows = history.StatusCode == HttpStatusCode.OK ? Assert.Single((await ReadAsync(history)).EnumerateArray()).GetProperty("run_input").GetString() : null;
        Assert.True(history.StatusCode == HttpStatusCode.NotFound || shows == "Hi", $"{history.StatusCode}: {shows}");
        await server.SpeakAsync(20, Stop);
        var last = events.Current;
        while (await events.MoveNextAsync())
        {
            last = events.Current;
        }

        Assert.Equal("RunCompleted", Name(last));
    }

    [Fact]
    public async Task A_session_is_listed_shown_and_deleted()
    {
        var session = (await RunAsync("history-agent", sessionId: string.Empty))[0].GetProperty("session_id").GetString();

        using var list = await server.Client.SendAsync(Request(HttpMethod.Get, "/sessions?type=agent&component_id=history-agent&db_id=demo-db"), Stop);
        using var runs = await server.Client.SendAsync(Request(HttpMethod.Get, $"/sessions/{session}/runs?type=agent&db_id=demo-db"), Stop);
        using var deleted = await server.Client.SendAsync(Request(HttpMethod.Delete, $"/sessions/{session}?db_id=demo-db"), Stop);
        using var after = await server.Client.SendAsync(Request(HttpMethod.Get, $"/sessions/{session}/runs?type=agent&db_id=demo-db"), Stop);

        var listed = Assert.Single((await ReadAsync(list)).GetProperty("data").EnumerateArray());
        Assert.Equal(session, listed.GetProperty("session_id").GetString());
        Assert.Equal("Hi", listed.GetProperty("session_name").GetString());
        var run = Assert.Single((await ReadAsync(runs)).EnumerateArray());
        Assert.Equal("Hi", run.GetProperty("run_input").GetString());
        Assert.Equal("Hello from the model", run.GetProperty("content").GetString());
        Assert.True(deleted.IsSuccessStatusCode);
        Assert.Equal(HttpStatusCode.NotFound, after.StatusCode);
    }

    [Fact]
    public async Task A_run_that_is_refused_says_why()
    {
        using var response = await server.Client.SendAsync(Start("nobody", string.Empty), Stop);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("Agent not found", (await ReadAsync(response)).GetProperty("detail").GetString());
    }

    private static HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, path) { Content = new StringContent(string.Empty, Encoding.UTF8, "application/json") };
        request.Headers.Add("Origin", Origin);
        return request;
    }

    private static HttpRequestMessage Start(string agentId, string sessionId)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/agents/{agentId}/runs")
        {
            Content = new MultipartFormDataContent { { new StringContent("Hi"), "message" }, { new StringContent("true"), "stream" }, { new StringContent(sessionId), "session_id" } },
        };
        request.Headers.Add("Origin", Origin);
        return request;
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response) => JsonElement.Parse(await response.Content.ReadAsStringAsync(Stop));

    private static string Name(JsonElement next) => next.GetProperty("event").GetString()!;

    private async Task<List<JsonElement>> RunAsync(string agentId, string sessionId)
    {
        using var response = await server.Client.SendAsync(Start(agentId, sessionId), HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal(Origin, Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        return await JsonScanner.ScanAsync(await response.Content.ReadAsStreamAsync(Stop), Stop).ToListAsync(Stop);
    }
}
