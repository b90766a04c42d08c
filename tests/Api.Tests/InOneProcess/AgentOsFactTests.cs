using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Tools;
using Microsoft.Extensions.DependencyInjection;
using static Cluster.Api.Tests.TestTeams;

namespace Cluster.Api.Tests.InOneProcess;

/// <summary>What AgentOS was asked and answered, beyond what the recordings hold.</summary>
public sealed class AgentOsFactTests
{
    private static Agent Mailer { get; } = new()
    {
        Id = "mailer",
        Name = "Mailer",
        Model = Model("Done: {result}", ("send_email", """{"subject":"Hi"}""")),
        Tools = [Tool.Create((string subject, string to = "nobody", int? copies = 3) => $"Email '{subject}' sent to {to} {copies}", new ToolOptions { Name = "send_email", UserInputFields = ["to", "copies"] })],
    };

    [Theory]
    [InlineData("confirm-agent", "PAUSED", "user,assistant")]
    [InlineData("error-agent", "ERROR", "user")]
    [InlineData("echo-agent", "COMPLETED", "user,assistant")]
    public async Task The_conversation_of_a_session_holds_every_run_however_it_stands(string agent, string status, string roles)
    {
        await using var api = await TestApi.StartAsync();
        var run = await api.RunAsync(agent, ("session_id", "s1"));

        var session = JsonElement.Parse(await api.GetAsync("/sessions/s1"));

        Assert.Equal(status, Text(run, "status"));
        Assert.Equal(roles.Split(','), Texts(session.GetProperty("chat_history"), "role"));
    }

    [Fact]
    public async Task The_conversation_holds_a_run_that_is_at_work_and_one_that_was_cancelled()
    {
        var model = new SpokenModel();
        await using var api = await TestApi.StartAsync(services => services.AddAgent(model.Agent));
        using var stream = await LiveStream.PostAsync(api, "/agents/spoken/runs", ("message", "Hi"), ("session_id", "s1"));
        var runId = LiveStream.RunIdOf(await stream.UntilAsync("ModelRequestStarted"));

        var working = JsonElement.Parse(await api.GetAsync("/sessions/s1"));
        await api.PostAsync($"/agents/spoken/runs/{runId}/cancel");
        await stream.RestAsync();
        var cancelled = JsonElement.Parse(await api.GetAsync("/sessions/s1"));

        Assert.Equal("user", Texts(working.GetProperty("chat_history"), "role")[0]);
        Assert.Equal("user", Texts(cancelled.GetProperty("chat_history"), "role")[0]);
    }

    [Fact]
    public async Task A_pause_is_charged_at_once_and_not_again()
    {
        await using var api = await TestApi.StartAsync();
        var run = await api.RunAsync("confirm-agent", ("session_id", "s1"));

        var paused = JsonElement.Parse(await api.GetAsync("/sessions/s1"));
        await ContinueAsync(api, "confirm-agent", run, run.GetProperty("tools").GetRawText().Replace("\"confirmed\":null", "\"confirmed\":true", StringComparison.Ordinal));
        var ended = JsonElement.Parse(await api.GetAsync("/sessions/s1"));

        Assert.Equal((15, 15), (paused.GetProperty("total_tokens").GetInt32(), paused.GetProperty("metrics").GetProperty("total_tokens").GetInt32()));
        Assert.Equal((30, 30), (ended.GetProperty("total_tokens").GetInt32(), ended.GetProperty("metrics").GetProperty("total_tokens").GetInt32()));
    }

    [Fact]
    public async Task A_paused_run_that_is_cancelled_has_been_charged()
    {
        await using var api = await TestApi.StartAsync();
        var run = await api.RunAsync("confirm-agent", ("session_id", "s1"));

        await api.PostAsync($"/agents/confirm-agent/runs/{Text(run, "run_id")}/cancel");

        Assert.Equal(15, JsonElement.Parse(await api.GetAsync("/sessions/s1")).GetProperty("total_tokens").GetInt32());
    }

    [Fact]
    public async Task What_is_attached_to_a_session_lies_over_what_a_request_attaches()
    {
        await using var api = await TestApi.StartAsync(services => services.AddAgent(
            TestAgents.Scripted("marked", "Marked", new Engine.Models.Script { Text = "Hi" }) with { Metadata = JsonElement.Parse("""{"agent":1,"top":"agent"}""") }));
        await api.SendAsync(HttpMethod.Post, "/sessions", TestApi.Json("""{"session_id":"s1","agent_id":"marked","metadata":{"a":1,"both":"session","top":"session","deep":{"x":1,"y":1}}}"""));

        var run = await api.RunAsync("marked", ("session_id", "s1"), ("metadata", """{"b":2,"both":"request","top":"request","deep":{"y":2,"z":2}}"""));
        var plain = await api.RunAsync("marked", ("session_id", "s1"));

        Assert.Equal("""{"a":1,"agent":1,"b":2,"both":"session","deep":{"x":1,"y":1,"z":2},"top":"agent"}""", Sorted(run.GetProperty("metadata")));
        Assert.Equal("""{"a":1,"agent":1,"both":"session","deep":{"x":1,"y":1},"top":"agent"}""", Sorted(plain.GetProperty("metadata")));
        Assert.Equal("session", JsonElement.Parse(await api.GetAsync("/sessions/s1")).GetProperty("metadata").GetProperty("both").GetString());
    }

    [Theory]
    [InlineData("\"\"", "Done: Email 'Hi' sent to  3", false)]
    [InlineData("\"a@b.c\"", "Done: Email 'Hi' sent to a@b.c 3", false)]
    [InlineData("null", "Done: send_email was not called: to should be a str and was left empty.", true)]
    public async Task A_value_that_the_user_leaves_empty_fails_the_call_instead_of_taking_the_default(string value, string content, bool failed)
    {
        await using var api = await TestApi.StartAsync(services => services.AddAgent(Mailer));
        var run = await api.RunAsync("mailer", ("session_id", "s1"));

        var ended = await ContinueAsync(api, "mailer", run, Filled(run, $$"""{"name":"to","field_type":"str","description":null,"value":{{value}}}"""));

        var tool = ended.GetProperty("tools")[0];
        Assert.Equal(("COMPLETED", content, failed, true), (Text(ended, "status"), Text(ended, "content"), tool.GetProperty("tool_call_error").GetBoolean(), tool.GetProperty("answered").GetBoolean()));
    }

    [Fact]
    public async Task A_value_that_may_be_null_is_left_empty_without_harm()
    {
        await using var api = await TestApi.StartAsync(services => services.AddAgent(Mailer));
        var run = await api.RunAsync("mailer", ("session_id", "s1"));

        var ended = await ContinueAsync(
            api, "mailer", run, Filled(run, """{"name":"to","field_type":"str","description":null,"value":"x"},{"name":"copies","field_type":"int","description":null,"value":null}"""));

        Assert.Equal("Done: Email 'Hi' sent to x ", Text(ended, "content"));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("false")]
    [InlineData("[]")]
    public async Task A_value_of_another_type_fails_the_call(string value)
    {
        await using var api = await TestApi.StartAsync(services => services.AddAgent(Mailer));
        var run = await api.RunAsync("mailer", ("session_id", "s1"));

        var ended = await ContinueAsync(api, "mailer", run, Filled(run, $$"""{"name":"to","field_type":"str","description":null,"value":{{value}}}"""));

        Assert.True(ended.GetProperty("tools")[0].GetProperty("tool_call_error").GetBoolean());
    }

    [Fact]
    public async Task A_field_without_any_value_is_a_mistake_of_the_client()
    {
        await using var api = await TestApi.StartAsync(services => services.AddAgent(Mailer));
        var run = await api.RunAsync("mailer", ("session_id", "s1"));

        var answer = await api.PostAsync(
            $"/agents/mailer/runs/{Text(run, "run_id")}/continue", ("session_id", "s1"), ("stream", "false"), ("tools", Filled(run, """{"name":"to","field_type":"str","description":null}""")));

        Assert.StartsWith("""400 {"detail":"Invalid structure or content for tools: 'value'.""", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_the_user_has_filled_in_is_told_as_it_was_asked_for()
    {
        await using var api = await TestApi.StartAsync(services => services.AddAgent(Mailer));
        var run = await api.RunAsync("mailer", ("session_id", "s1"));
        var tools = Filled(run, """{"name":"to","field_type":"str","description":null,"value":"x"}""");

        using var stream = await LiveStream.PostAsync(api, $"/agents/mailer/runs/{Text(run, "run_id")}/continue", ("session_id", "s1"), ("tools", tools));
        var started = JsonElement.Parse((await stream.UntilAsync("event: ToolCallStarted")).Split('\n')[1][6..]).GetProperty("tool");
        await stream.RestAsync();

        Assert.Equal((true, JsonValueKind.Null), (started.GetProperty("requires_user_input").GetBoolean(), started.GetProperty("answered").ValueKind));
        Assert.Equal("""{"subject":"Hi","to":"x"}""", started.GetProperty("tool_args").GetRawText());
        var stored = JsonElement.Parse(await api.GetAsync($"/agents/mailer/runs/{Text(run, "run_id")}?session_id=s1")).GetProperty("tools")[0];
        Assert.Equal((false, true), (stored.GetProperty("requires_user_input").GetBoolean(), stored.GetProperty("answered").GetBoolean()));
    }

    [Theory]
    [InlineData("""["agents"]""")]
    [InlineData("""["AGENT"]""")]
    [InlineData("""[null]""")]
    [InlineData("""[1]""")]
    [InlineData("""[""]""")]
    public async Task Sessions_are_deleted_only_under_types_that_there_are(string types)
    {
        await using var api = await TestApi.StartAsync();
        await api.RunAsync("echo-agent", ("session_id", "s1"));
        var input = JsonElement.Parse(types)[0].GetRawText();

        var answer = await api.SendAsync(HttpMethod.Delete, "/sessions", TestApi.Json($$"""{"session_ids":["s1"],"session_types":{{types}} }"""));

        Assert.Equal(
            $$$"""422 {"detail":[{"type":"enum","loc":["body","session_types",0],"msg":"Input should be 'agent', 'team' or 'workflow'","input":{{{input}}},"ctx":{"expected":"'agent', 'team' or 'workflow'"}}]}""",
            answer);
        Assert.StartsWith("200", await api.SendAsync(HttpMethod.Get, "/sessions/s1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_of_a_session_of_another_component_are_not_found()
    {
        await using var api = await TestApi.StartAsync(services => services.AddTeam(Crew(Member("One"))));
        await api.RunAsync("echo-agent", ("session_id", "s1"));
        await api.SendAsync(HttpMethod.Post, "/sessions", TestApi.Json("""{"session_id":"nobodys"}"""));
        const string NotFound = """404 {"detail":"Session not found"}""";

        Assert.Equal(NotFound, await api.SendAsync(HttpMethod.Get, "/agents/tool-agent/runs?session_id=s1"));
        Assert.Equal(NotFound, await api.SendAsync(HttpMethod.Get, "/teams/crew/runs?session_id=s1"));
        Assert.Equal(NotFound, await api.SendAsync(HttpMethod.Get, "/agents/echo-agent/runs?session_id=nobodys"));
        Assert.Equal("200 []", await api.SendAsync(HttpMethod.Get, "/agents/echo-agent/runs?session_id=s1&status=completed"));
    }

    [Fact]
    public async Task Sounds_tell_their_rate_and_channels()
    {
        await using var api = await TestApi.StartAsync();
        using var upload = TestApi.Upload([1, 2, 3], "a.wav", "audio/wav");

        var uploaded = await api.SendAsync(HttpMethod.Post, "/agents/echo-agent/runs", upload);
        var named = await api.RunAsync("echo-agent", ("audio", """[{"url":"https://a.example/b.wav","sample_rate":8000}]"""));

        Assert.Contains("\"mime_type\":\"audio/wav\",\"sample_rate\":24000,\"channels\":1}", uploaded, StringComparison.Ordinal);
        var audio = named.GetProperty("input").GetProperty("audios")[0];
        Assert.Equal((8_000, 1), (audio.GetProperty("sample_rate").GetInt32(), audio.GetProperty("channels").GetInt32()));
    }

    [Theory]
    [InlineData("true", "Movie")]
    [InlineData("false", "str")]
    public async Task A_streamed_answer_that_does_not_fit_has_the_type_of_the_schema_all_the_same(string stream, string type)
    {
        await using var api = await TestApi.StartAsync();

        var answer = await api.PostAsync(
            "/agents/echo-agent/runs", ("message", "Hi"), ("stream", stream), ("session_id", "s1"), ("output_schema", """{"title":"Movie","type":"object","properties":{"year":{"type":"integer"}},"required":["year"]}"""));
        var stored = JsonElement.Parse(await api.GetAsync("/agents/echo-agent/runs?session_id=s1"))[0];

        Assert.Contains($"\"content_type\":\"{type}\"", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(type == "str" ? "Movie" : "\"content_type\":\"str\"", answer, StringComparison.Ordinal);
        Assert.Equal(type == "str" ? "text" : "json", Text(stored, "run_response_format"));
    }

    private static Task<JsonElement> ContinueAsync(TestApi api, string agent, JsonElement run, string tools) =>
        PostAsync(api, $"/agents/{agent}/runs/{Text(run, "run_id")}/continue", ("tools", tools));

    private static string Filled(JsonElement run, string fields)
    {
        var tools = JsonSerializer.SerializeToNode(run.GetProperty("tools"))!;
        tools[0]!["user_input_schema"] = System.Text.Json.Nodes.JsonNode.Parse($"[{fields}]");
        return tools.ToJsonString();
    }

    private static string Sorted(JsonElement json) => json.ValueKind == JsonValueKind.Object
        ? $"{{{string.Join(',', json.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal).Select(member => $"\"{member.Name}\":{Sorted(member.Value)}"))}}}"
        : json.GetRawText();
}
