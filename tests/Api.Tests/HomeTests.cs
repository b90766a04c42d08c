using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cluster.Api.Tests;

public sealed class HomeTests
{
    [Theory]
    [InlineData("/", """{"name":"AgentOS API","id":"demo-os","version":"1.0.0"}""")]
    [InlineData("/health", """{"status":"ok","instantiated_at":"2026-11-20T07:39:37.500000Z"}""")]
    [InlineData("/teams", "[]")]
    [InlineData("/workflows", "[]")]
    [InlineData("/models", """[{"id":"scripted-1","provider":"Scripted"}]""")]
    [InlineData("/info", """{"os_id":"demo-os","name":"Demo OS","agno_version":"2.9.0","agent_count":5,"team_count":0,"workflow_count":0,"mcp":{"enabled":false,"path":null,"oauth":null},"auth_mode":"none"}""")]
    public async Task The_open_routes_answer_as_recorded(string path, string body)
    {
        await using var api = await TestApi.StartAsync();

        Assert.Equal(body, await api.GetAsync(path));
    }

    [Fact]
    public async Task The_configuration_names_database_tables_and_agents()
    {
        await using var api = await TestApi.StartAsync();

        var config = await api.GetAsync("/config");

        Assert.StartsWith(
            """{"os_id":"demo-os","description":"Reference AgentOS for recordings","available_models":[],"os_database":"demo-db","databases":["demo-db"],"session":{"dbs":[{"db_id":"demo-db","domain_config":{"display_name":"demo-db"},"tables":["agno_sessions"]}]},"metrics":{"dbs":[{"db_id":"demo-db","domain_config":{"display_name":"demo-db"},"tables":["agno_metrics"]}]},"memory":{"dbs":[{"db_id":"demo-db","domain_config":{"display_name":"demo-db"},"tables":["agno_memories"]}]},"learning":{"dbs":[{"db_id":"demo-db","domain_config":{"display_name":"demo-db"},"tables":["agno_learnings"]}]},"knowledge":{"dbs":[],"knowledge_instances":[]},"evals":{"dbs":[{"db_id":"demo-db","domain_config":{"display_name":"demo-db"},"tables":["agno_eval_runs"]}]},"traces":{"dbs":[{"db_id":"demo-db","domain_config":{"display_name":"demo-db"}}]},"agents":[{"id":"echo-agent","name":"Echo Agent","description":"Answers with one fixed sentence.","db_id":"demo-db","model":{"id":"scripted-1","provider":"Scripted"}},{"id":"tool-agent",""",
            config,
            StringComparison.Ordinal);
        Assert.EndsWith("""],"teams":[],"workflows":[],"interfaces":[]}""", config, StringComparison.Ordinal);
    }

    [Fact]
    public async Task JSON_answers_tell_their_length_and_no_charset()
    {
        await using var api = await TestApi.StartAsync();

        using var response = await api.Client.GetAsync("/health", TestApi.Stop);

        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(63, response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_path_that_does_not_exist_is_not_found()
    {
        await using var api = await TestApi.StartAsync();

        Assert.Equal("""404 {"detail":"Not Found"}""", await api.SendAsync(HttpMethod.Get, "/nope"));
    }

    [Fact]
    public async Task HEAD_is_not_allowed_and_says_what_is()
    {
        await using var api = await TestApi.StartAsync();

        using var request = new HttpRequestMessage(HttpMethod.Head, "/health");
        using var response = await api.Client.SendAsync(request, TestApi.Stop);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal("GET", string.Join(", ", response.Content.Headers.Allow));
        Assert.Equal(31, response.Content.Headers.ContentLength);
        Assert.Equal("""405 {"detail":"Method Not Allowed"}""", await api.SendAsync(HttpMethod.Put, "/health"));
    }

    [Fact]
    public async Task A_failure_of_the_server_tells_a_trace_and_nothing_else()
    {
        await using var api = await TestApi.StartAsync();

        var answer = await api.SendAsync(HttpMethod.Get, "/broken");

        Assert.Matches("""^500 \{"detail":"Internal Server Error","trace_id":"[^"]+"\}$""", answer);
        Assert.DoesNotContain("secret", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_away_is_named_in_the_log_only()
    {
        using var log = new CollectedLog();
        await using var api = await TestApi.StartAsync(services => services.AddSingleton<ILoggerProvider>(log));

        var answer = await api.SendAsync(HttpMethod.Get, "/away");

        Assert.Matches("""^503 \{"detail":"The store is not available right now\. Try again later\.","trace_id":"[^"]+"\}$""", answer);
        var traceId = answer.Split('"')[^2];
        Assert.Contains(log.Lines, line => line.Contains("secret:5432", StringComparison.Ordinal) && line.Contains(traceId, StringComparison.Ordinal));
        Assert.Equal("""503 {"detail":"The server is stopping."}""", await api.SendAsync(HttpMethod.Get, "/stopping"));
    }

    [Fact]
    public async Task The_description_tells_headers_and_the_types_of_queries()
    {
        await using var api = await TestApi.StartAsync();

        var paths = System.Text.Json.JsonElement.Parse(await api.GetAsync("/openapi.json")).GetProperty("paths");

        Assert.Equal("header string", Parameter("/agents/{agent_id}/runs", "post", "Idempotency-Key"));
        Assert.Equal("header integer", Parameter("/agents/{agent_id}/runs/{run_id}/resume", "post", "Last-Event-ID"));
        Assert.Equal("query integer", Parameter("/sessions", "get", "limit"));
        Assert.Equal("query integer", Parameter("/sessions/{session_id}/runs", "get", "created_after"));
        Assert.Equal("""query string ["agent","team","workflow"]""", Parameter("/sessions", "get", "type"));
        Assert.Equal("""query string ["asc","desc"]""", Parameter("/sessions", "get", "sort_order"));
        Assert.Equal("query string", Parameter("/sessions", "get", "user_id"));

        string Parameter(string path, string method, string name)
        {
            var parameter = Assert.Single(
                paths.GetProperty(path).GetProperty(method).GetProperty("parameters").EnumerateArray(), found => found.GetProperty("name").GetString() == name);
            var schema = parameter.GetProperty("schema");
            var choices = schema.TryGetProperty("enum", out var texts) ? " " + System.Text.Json.JsonSerializer.Serialize(texts) : string.Empty;
            return $"{parameter.GetProperty("in").GetString()} {schema.GetProperty("type").GetString()}{choices}";
        }
    }

    [Fact]
    public async Task The_description_holds_every_operation_under_the_names_that_clients_know()
    {
        await using var api = await TestApi.StartAsync();

        var paths = System.Text.Json.JsonElement.Parse(await api.GetAsync("/openapi.json")).GetProperty("paths").EnumerateObject();

        var operations = paths.SelectMany(path => path.Value.EnumerateObject().Select(method => method.Value)).ToArray();
        string[] expected =
        [
            "cancel_agent_run", "cancel_team_run", "continue_agent_run", "continue_team_run", "create_agent_run", "create_session",
            "create_team_run", "delete_approval", "delete_session", "delete_sessions", "fork_agent_session", "fork_team_session", "get_agent",
            "get_agent_run", "get_agent_run_checkpoint_snapshot", "get_agents", "get_api_info", "get_approval", "get_approval_count",
            "get_approval_status", "get_config", "get_info", "get_models", "get_session_by_id", "get_session_media", "get_session_run", "get_session_runs",
            "get_sessions", "get_team", "get_team_run", "get_team_run_checkpoint_snapshot", "get_teams", "get_workflows", "health_check",
            "list_agent_run_checkpoints", "list_agent_runs", "list_approvals", "list_team_run_checkpoints", "list_team_runs", "rename_session",
            "resolve_approval", "resume_agent_run_stream", "resume_team_run_stream", "update_session",
        ];
        Assert.Equal(expected, operations.Where(operation => operation.TryGetProperty("operationId", out _)).Select(operation => operation.GetProperty("operationId").GetString()!).Order());
        var run = operations.First(operation => operation.TryGetProperty("operationId", out var id) && id.GetString() == "create_agent_run");
        Assert.Contains("multipart/form-data", run.GetProperty("requestBody").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_of_the_description_loads_nothing_from_elsewhere()
    {
        await using var api = await TestApi.StartAsync();

        var page = await api.GetAsync("/docs");

        Assert.Contains("/openapi.json", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_description_can_be_switched_off()
    {
        await using var api = await TestApi.StartAsync(options: os => os.DocsEnabled = false);

        Assert.Equal("""404 {"detail":"Not Found"}""", await api.SendAsync(HttpMethod.Get, "/openapi.json"));
        Assert.Equal("""404 {"detail":"Not Found"}""", await api.SendAsync(HttpMethod.Get, "/docs"));
    }
}
