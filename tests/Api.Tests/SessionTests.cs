namespace Cluster.Api.Tests;

public sealed class SessionTests
{
    [Fact]
    public async Task A_session_is_created_from_what_is_sent()
    {
        await using var api = await TestApi.StartAsync();

        var answer = await CreateAsync(api);

        Assert.Equal(
            """201 {"user_id":"user-5","agent_session_id":"sess-new","session_id":"sess-new","session_name":"New one","session_state":{"a":1},"agent_id":"echo-agent","metrics":{},"metadata":{"k":"v"},"chat_history":[],"created_at":"2026-11-20T07:39:37Z","updated_at":"2026-11-20T07:39:37Z"}""",
            answer);
    }

    [Fact]
    public async Task A_session_is_created_from_nothing()
    {
        await using var api = await TestApi.StartAsync();
        const string Expected = """201 {"agent_session_id":"<id>","session_id":"<id>","session_name":"","chat_history":[],"created_at":"2026-11-20T07:39:37Z","updated_at":"2026-11-20T07:39:37Z"}""";

        Assert.Equal(Expected, await api.SendAsync(HttpMethod.Post, "/sessions"));
        Assert.Equal(Expected, await api.SendAsync(HttpMethod.Post, "/sessions", TestApi.Json("{}")));
    }

    [Theory]
    [InlineData("team", """{"session_id":"t","team_id":"demo-team"}""", """201 {"session_id":"t","session_name":"","team_id":"demo-team","chat_history":[],"created_at":"2026-11-20T07:39:37Z","updated_at":"2026-11-20T07:39:37Z"}""")]
    [InlineData("workflow", """{"session_id":"w","workflow_id":"demo-workflow"}""", """201 {"workflow_id":"demo-workflow","session_id":"w","session_name":"","session_data":{},"workflow_data":{},"metadata":{},"created_at":"2026-11-20T07:39:37Z","updated_at":"2026-11-20T07:39:37Z"}""")]
    public async Task Sessions_of_other_kinds_have_shapes_of_their_own(string type, string body, string expected)
    {
        await using var api = await TestApi.StartAsync();

        Assert.Equal(expected, await api.SendAsync(HttpMethod.Post, $"/sessions?type={type}", TestApi.Json(body)));
    }

    [Fact]
    public async Task Creating_refuses_known_ids_and_broken_bodies()
    {
        await using var api = await TestApi.StartAsync();
        await CreateAsync(api);

        Assert.Equal(
            """409 {"detail":"Session with id 'sess-new' already exists. Use PATCH /sessions/sess-new to update it."}""",
            await api.SendAsync(HttpMethod.Post, "/sessions", TestApi.Json("""{"session_id": "sess-new"}""")));
        Assert.Equal(
            """422 {"detail":[{"type":"json_invalid","loc":["body",1],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting property name enclosed in double quotes"}}]}""",
            await api.SendAsync(HttpMethod.Post, "/sessions", TestApi.Json("{nope")));
        Assert.Equal(
            """422 {"detail":[{"type":"dict_type","loc":["body","session_state"],"msg":"Input should be a valid dictionary","input":[1]}]}""",
            await api.SendAsync(HttpMethod.Post, "/sessions", TestApi.Json("""{"session_state": [1]}""")));
    }

    [Fact]
    public async Task A_session_shows_its_conversation_without_instructions_and_tool_results()
    {
        await using var api = await TestApi.StartAsync();
        await api.RunAsync("tool-agent", ("session_id", "s1"), ("user_id", "u1"));

        var session = await api.SendAsync(HttpMethod.Get, "/sessions/s1");

        Assert.Equal(
            """200 {"user_id":"u1","agent_session_id":"s1","session_id":"s1","session_name":"Hi","session_state":{},"agent_id":"tool-agent","total_tokens":30,"agent_data":{"name":"Tool Agent","agent_id":"tool-agent","model":{"provider":"Scripted","id":"scripted-1","name":"Scripted"}},"metrics":{"input_tokens":20,"output_tokens":10,"total_tokens":30,"details":{"model":[{"input_tokens":20,"output_tokens":10,"total_tokens":30,"id":"scripted-1","provider":"Scripted"}]}},"chat_history":[{"id":"<id>","content":"Hi","from_history":false,"stop_after_tool_call":false,"role":"user","created_at":1795160377},{"id":"<id>","from_history":false,"stop_after_tool_call":false,"role":"assistant","tool_calls":[{"id":"<call>","type":"function","function":{"name":"add","arguments":"{\"a\":2,\"b\":3}"}}],"metrics":{"input_tokens":10,"output_tokens":5,"total_tokens":15},"created_at":1795160377},{"id":"<id>","content":"The result is 5","from_history":false,"stop_after_tool_call":false,"role":"assistant","metrics":{"input_tokens":10,"output_tokens":5,"total_tokens":15,"time_to_first_token":0},"created_at":1795160377}],"created_at":"2026-11-20T07:39:37Z","updated_at":"2026-11-20T07:39:37Z"}""",
            session);
    }

    [Fact]
    public async Task A_session_of_another_user_or_none_is_not_found()
    {
        await using var api = await TestApi.StartAsync();
        await CreateAsync(api);

        Assert.Equal("""404 {"detail":"Agent Session with id 'sess-new' not found"}""", await api.SendAsync(HttpMethod.Get, "/sessions/sess-new?type=agent&user_id=user-7"));
        Assert.Equal("""404 {"detail":"Session with id 'nope' not found"}""", await api.SendAsync(HttpMethod.Get, "/sessions/nope"));
        Assert.Equal("""404 {"detail":"Session with ID nope not found"}""", await api.SendAsync(HttpMethod.Get, "/sessions/nope/runs"));
    }

    [Fact]
    public async Task A_session_is_renamed_and_changed_and_shown_with_nulls()
    {
        await using var api = await TestApi.StartAsync();
        await CreateAsync(api);

        var renamed = await api.SendAsync(HttpMethod.Post, "/sessions/sess-new/rename?type=agent", TestApi.Json("""{"session_name": "Renamed"}"""));
        var patched = await api.SendAsync(HttpMethod.Patch, "/sessions/sess-new", TestApi.Json("""{"session_state": {"a": 2}, "metadata": {"k": "w"}}"""));

        Assert.Equal(
            """200 {"user_id":"user-5","agent_session_id":"sess-new","session_id":"sess-new","session_name":"Renamed","session_summary":null,"session_state":{"a":1},"agent_id":"echo-agent","total_tokens":null,"agent_data":null,"metrics":{},"metadata":{"k":"v"},"chat_history":[],"created_at":"2026-11-20T07:39:37Z","updated_at":"2026-11-20T07:39:37Z"}""",
            renamed);
        Assert.Contains("\"session_name\":\"Renamed\",\"session_summary\":null,\"session_state\":{\"a\":2},", patched, StringComparison.Ordinal);
        Assert.Contains("\"metadata\":{\"k\":\"w\"}", patched, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_of_unknown_sessions_and_without_a_name_are_refused()
    {
        await using var api = await TestApi.StartAsync();
        const string Unknown = """404 {"detail":"Session with id 'nope' not found"}""";

        Assert.Equal(Unknown, await api.SendAsync(HttpMethod.Patch, "/sessions/nope?type=agent", TestApi.Json("""{"session_name": "x"}""")));
        Assert.Equal(Unknown, await api.SendAsync(HttpMethod.Post, "/sessions/nope/rename?type=agent", TestApi.Json("""{"session_name": "x"}""")));
        Assert.Equal(
            """422 {"detail":[{"type":"missing","loc":["body","session_name"],"msg":"Field required","input":null}]}""",
            await api.SendAsync(HttpMethod.Post, "/sessions/nope/rename", TestApi.Json("{}")));
    }

    [Fact]
    public async Task Sessions_are_listed_in_pages()
    {
        await using var api = await TestApi.StartAsync();
        await CreateAsync(api);
        await api.RunAsync("echo-agent", ("session_id", "s1"));

        Assert.Equal(
            """200 {"data":[{"session_id":"s1","session_name":"Hi","session_state":{},"created_at":"2026-11-20T07:39:37Z","updated_at":"2026-11-20T07:39:37Z","session_type":"agent","agent_id":"echo-agent","metrics":{"input_tokens":10,"output_tokens":5,"total_tokens":15,"details":{"model":[{"input_tokens":10,"output_tokens":5,"total_tokens":15,"id":"scripted-1","provider":"Scripted"}]}},"total_tokens":15}],"meta":{"page":1,"limit":1,"total_pages":2,"total_count":2,"search_time_ms":0.0}}""",
            await api.SendAsync(HttpMethod.Get, "/sessions?limit=1&db_id=demo-db"));
        Assert.Equal("""200 {"data":[],"meta":{"page":1,"limit":20,"total_pages":0,"total_count":0,"search_time_ms":0.0}}""", await api.SendAsync(HttpMethod.Get, "/sessions?session_name=nothing"));
    }

    [Theory]
    [InlineData("limit=abc", """422 {"detail":[{"type":"int_parsing","loc":["query","limit"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"abc"}]}""")]
    [InlineData("limit=0", """422 {"detail":[{"type":"greater_than_equal","loc":["query","limit"],"msg":"Input should be greater than or equal to 1","input":"0","ctx":{"ge":1}}]}""")]
    [InlineData("page=-1", """422 {"detail":[{"type":"greater_than_equal","loc":["query","page"],"msg":"Input should be greater than or equal to 0","input":"-1","ctx":{"ge":0}}]}""")]
    [InlineData("type=robot", """422 {"detail":[{"type":"enum","loc":["query","type"],"msg":"Input should be 'agent', 'team' or 'workflow'","input":"robot","ctx":{"expected":"'agent', 'team' or 'workflow'"}}]}""")]
    [InlineData("db_id=nope", """404 {"detail":"404: No database found with id 'nope'"}""")]
    [InlineData("table=t", """404 {"detail":"400: The db_id query parameter is required when passing a table"}""")]
    public async Task A_list_that_is_asked_for_wrongly_is_refused(string query, string expected)
    {
        await using var api = await TestApi.StartAsync();

        Assert.Equal(expected, await api.SendAsync(HttpMethod.Get, $"/sessions?{query}"));
    }

    [Fact]
    public async Task Databases_and_tables_that_do_not_exist_are_named()
    {
        await using var api = await TestApi.StartAsync();

        Assert.Equal("""404 {"detail":"No database found with id 'nope'"}""", await api.SendAsync(HttpMethod.Get, "/sessions/s1?db_id=nope"));
        Assert.Equal("""400 {"detail":"The db_id query parameter is required when passing a table"}""", await api.SendAsync(HttpMethod.Get, "/sessions/s1?table=t"));
        Assert.Equal("""404 {"detail":"No database with id 'demo-db' has table 't'"}""", await api.SendAsync(HttpMethod.Get, "/sessions/s1?db_id=demo-db&table=t"));
    }

    [Fact]
    public async Task Deleting_always_succeeds_and_takes_the_runs_along()
    {
        await using var api = await TestApi.StartAsync();
        var run = await api.RunAsync("echo-agent", ("session_id", "s1"));

        Assert.Equal("204 ", await api.SendAsync(HttpMethod.Delete, "/sessions/s1"));
        Assert.Equal("204 ", await api.SendAsync(HttpMethod.Delete, "/sessions/nope"));
        Assert.Equal("""404 {"detail":"Session with id 's1' not found"}""", await api.SendAsync(HttpMethod.Get, "/sessions/s1"));
        Assert.Equal(
            """404 {"detail":"Run not found"}""", await api.SendAsync(HttpMethod.Get, $"/agents/echo-agent/runs/{run.GetProperty("run_id").GetString()}?session_id=s1"));
    }

    [Fact]
    public async Task Several_sessions_are_deleted_at_once()
    {
        await using var api = await TestApi.StartAsync();
        await CreateAsync(api);

        Assert.Equal(
            """400 {"detail":"Session IDs and session types must have the same length"}""",
            await api.SendAsync(HttpMethod.Delete, "/sessions", TestApi.Json("""{"session_ids": ["a", "b"], "session_types": ["team"]}""")));
        Assert.Equal("204 ", await api.SendAsync(HttpMethod.Delete, "/sessions", TestApi.Json("""{"session_ids": ["sess-new"], "session_types": ["agent"]}""")));
        Assert.StartsWith("404", await api.SendAsync(HttpMethod.Get, "/sessions/sess-new"), StringComparison.Ordinal);
    }

    private static Task<string> CreateAsync(TestApi api) => api.SendAsync(
        HttpMethod.Post,
        "/sessions?type=agent",
        TestApi.Json("""{"session_id": "sess-new", "session_name": "New one", "session_state": {"a": 1}, "metadata": {"k": "v"}, "user_id": "user-5", "agent_id": "echo-agent"}"""));
}
