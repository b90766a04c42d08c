using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Api.Tests;

public sealed class RunTests
{
    private const string Echo = "/agents/echo-agent/runs";
    private const string Missing = """422 {"detail":[{"type":"missing","loc":["body","message"],"msg":"Field required","input":null}]}""";

    [Fact]
    public async Task A_run_without_a_stream_answers_with_the_whole_run()
    {
        await using var api = await TestApi.StartAsync();

        var answer = await api.PostAsync(Echo, ("message", "Hi"), ("stream", "false"), ("session_id", "s1"), ("user_id", "u1"), ("session_state", """{"x": 1}"""), ("metadata", """{"m": true}"""));

        Assert.Equal(
            """200 {"run_id":"<id>","agent_id":"echo-agent","agent_name":"Echo Agent","session_id":"s1","user_id":"u1","content":"Hello from the model","content_type":"str","model":"scripted-1","model_provider":"Scripted","session_state":{"x":1},"created_at":1795160377,"status":"COMPLETED","metrics":{"input_tokens":10,"output_tokens":5,"total_tokens":15,"time_to_first_token":0,"duration":0,"details":{"model":[{"input_tokens":10,"output_tokens":5,"total_tokens":15,"id":"scripted-1","provider":"Scripted"}]}},"messages":[{"id":"<id>","content":"Answers with one fixed sentence.","from_history":false,"stop_after_tool_call":false,"role":"system","created_at":1795160377},{"id":"<id>","content":"Hi","from_history":false,"stop_after_tool_call":false,"role":"user","created_at":1795160377},{"id":"<id>","content":"Hello from the model","from_history":false,"stop_after_tool_call":false,"role":"assistant","metrics":{"input_tokens":10,"output_tokens":5,"total_tokens":15,"time_to_first_token":0},"created_at":1795160377}],"metadata":{"m":true},"tools":[],"input":{"input_content":"Hi"}}""",
            answer);
    }

    [Fact]
    public async Task A_request_without_a_message_is_refused_whatever_its_body_is()
    {
        await using var api = await TestApi.StartAsync();

        Assert.Equal(Missing, await api.PostAsync(Echo, ("stream", "false")));
        Assert.Equal(Missing, await api.SendAsync(HttpMethod.Post, Echo));
        Assert.Equal(Missing, await api.SendAsync(HttpMethod.Post, Echo, TestApi.Json("""{"message": "Hi", "stream": false}""")));
        Assert.Equal(Missing, await api.PostAsync(Echo, ("message", "")));
        Assert.Equal(Missing, await api.PostAsync(Echo, ("message", " \n")));
    }

    [Theory]
    [InlineData("stream", "maybe", """{"type":"bool_parsing","loc":["body","stream"],"msg":"Input should be a valid boolean, unable to interpret input","input":"maybe"}""")]
    [InlineData("version", "abc", """{"type":"int_parsing","loc":["body","version"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"abc"}""")]
    [InlineData("metadata", "[1]", """{"type":"dict_type","loc":["body","metadata"],"msg":"Input should be a valid dictionary","input":"[1]"}""")]
    [InlineData("when_busy", "later", """{"type":"enum","loc":["body","when_busy"],"msg":"Input should be 'queue', 'reject' or 'interrupt'","input":"later","ctx":{"expected":"'queue', 'reject' or 'interrupt'"}}""")]
    public async Task A_field_that_does_not_fit_is_named(string field, string value, string item)
    {
        await using var api = await TestApi.StartAsync();

        Assert.Equal($$"""422 {"detail":[{{item}}]}""", await api.PostAsync(Echo, ("message", "Hi"), (field, value)));
    }

    [Theory]
    [InlineData("session_state")]
    [InlineData("dependencies")]
    [InlineData("metadata")]
    public async Task Broken_JSON_in_a_field_is_refused_and_no_run_is_made(string field)
    {
        await using var api = await TestApi.StartAsync();

        var answer = await api.PostAsync(Echo, ("message", "Hi"), ("session_id", "s1"), (field, "{nope"));

        Assert.StartsWith($$"""422 {"detail":[{"type":"json_invalid","loc":["body","{{field}}"],"msg":"Invalid JSON: 'n' is an invalid start""", answer, StringComparison.Ordinal);
        Assert.Equal("""404 {"detail":"Session with id 's1' not found"}""", await api.SendAsync(HttpMethod.Get, "/sessions/s1"));
    }

    [Fact]
    public async Task Fields_that_nobody_knows_and_empty_ones_count_as_not_sent()
    {
        await using var api = await TestApi.StartAsync();

        var answer = await api.PostAsync(Echo, ("message", "Hi"), ("stream", "0"), ("session_id", ""), ("run_context", "RunContext()"), ("add_history_to_context", "None"));

        Assert.StartsWith("""200 {"run_id":"<id>","agent_id":"echo-agent","agent_name":"Echo Agent","session_id":"<id>","content":""", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_agent_is_not_found()
    {
        await using var api = await TestApi.StartAsync();

        Assert.Equal("""404 {"detail":"Agent not found"}""", await api.PostAsync("/agents/nope/runs", ("message", "Hi")));
    }

    [Fact]
    public async Task A_failed_run_is_an_answer_and_not_an_error()
    {
        await using var api = await TestApi.StartAsync();

        var answer = await api.PostAsync("/agents/error-agent/runs", ("message", "Hi"), ("stream", "false"));

        Assert.Equal(
            """200 {"run_id":"<id>","agent_id":"error-agent","agent_name":"Error Agent","session_id":"<id>","content":"The provider is down","content_type":"str","model":"scripted-1","model_provider":"Scripted","session_state":{},"created_at":1795160377,"status":"ERROR","metrics":{"duration":0},"messages":[{"id":"<id>","content":"Hi","from_history":false,"stop_after_tool_call":false,"role":"user","created_at":1795160377}],"input":{"input_content":"Hi"}}""",
            answer);
    }

    [Fact]
    public async Task A_picture_and_a_text_come_with_the_message()
    {
        await using var api = await TestApi.StartAsync();

        var picture = await api.SendAsync(HttpMethod.Post, Echo, TestApi.Upload([1, 2, 3], "pixel.png", "image/png"));
        var text = await api.SendAsync(HttpMethod.Post, Echo, TestApi.Upload(Encoding.UTF8.GetBytes("a note\n"), "note.md", "application/octet-stream"));

        Assert.EndsWith(""","input":{"input_content":"Hi","images":[{"id":"<id>","content":"AQID","format":"png","mime_type":"image/png"}]}}""", picture, StringComparison.Ordinal);
        Assert.EndsWith(""","input":{"input_content":"Hi","files":[{"id":"<id>","content":"a note\n","format":"md","mime_type":"text/markdown","filename":"note.md"}]}}""", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_an_unknown_type_is_refused()
    {
        await using var api = await TestApi.StartAsync();

        Assert.Equal("""400 {"detail":"Unsupported file type"}""", await api.SendAsync(HttpMethod.Post, Echo, TestApi.Upload([1], "x.bin", "application/x-unknown")));
    }

    [Fact]
    public async Task Media_as_JSON_may_name_addresses_but_not_files_of_the_server()
    {
        await using var api = await TestApi.StartAsync();

        var named = await api.PostAsync(Echo, ("message", "Hi"), ("stream", "false"), ("images", """[{"url": "https://a.example/b.png", "mime_type": "image/png"}]"""));
        var path = await api.PostAsync(Echo, ("message", "Hi"), ("input_files", """[{"filepath": "/etc/passwd"}]"""));

        Assert.EndsWith(""","input":{"input_content":"Hi","images":[{"id":"<id>","url":"https://a.example/b.png","mime_type":"image/png"}]}}""", named, StringComparison.Ordinal);
        Assert.Equal("""422 {"detail":[{"type":"value_error","loc":["body","input_files"],"msg":"Value error, Each item needs exactly one of url and content; filepath is not taken from requests","input":null}]}""", path);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_too_large()
    {
        await using var api = await TestApi.StartAsync(options: os => os.MaxBodyBytes = 2_000);

        Assert.Equal(
            """413 {"detail":"The request body is larger than the limit of 2000 bytes. Send less, or raise AgentOs:MaxBodyBytes."}""",
            await api.PostAsync(Echo, ("message", new string('x', 3_000))));
    }

    [Fact]
    public async Task A_body_that_does_not_tell_its_length_is_stopped_at_the_limit()
    {
        await using var api = await TestApi.StartOnNetworkAsync(os => os.MaxBodyBytes = 2_000);
        using var request = new HttpRequestMessage(HttpMethod.Post, Echo) { Content = TestApi.Form(("message", new string('x', 3_000))) };
        request.Headers.TransferEncodingChunked = true;

        using var response = await api.Client.SendAsync(request, TestApi.Stop);

        Assert.Equal(System.Net.HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("limit of 2000 bytes", await response.Content.ReadAsStringAsync(TestApi.Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_that_breaks_off_is_refused()
    {
        await using var api = await TestApi.StartAsync();
        using var body = new StringContent("--b\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\nHi");
        body.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");

        Assert.StartsWith("""400 {"detail":"There was an error parsing the body""", await api.SendAsync(HttpMethod.Post, Echo, body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_of_another_user_is_forbidden_and_one_of_another_agent_is_a_conflict()
    {
        await using var api = await TestApi.StartAsync();
        await api.RunAsync("echo-agent", ("session_id", "s1"), ("user_id", "u1"));

        var otherUser = await api.PostAsync(Echo, ("message", "Hi"), ("session_id", "s1"), ("user_id", "u2"));
        var otherAgent = await api.PostAsync("/agents/tool-agent/runs", ("message", "Hi"), ("session_id", "s1"), ("user_id", "u1"));

        Assert.StartsWith("""403 {"detail":"Session 's1' belongs to another user.""", otherUser, StringComparison.Ordinal);
        Assert.StartsWith("""409 {"detail":"Session 's1' belongs to the agent 'echo-agent'.""", otherAgent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_background_run_is_accepted_and_can_be_asked_for()
    {
        var model = new SpokenModel();
        await using var api = await TestApi.StartAsync(services => services.AddAgent(model.Agent));

        var accepted = await api.SendRawAsync(HttpMethod.Post, "/agents/spoken/runs", TestApi.Form(("message", "Hi"), ("stream", "false"), ("background", "true"), ("session_id", "s1")));
        var runId = System.Text.Json.JsonElement.Parse(accepted[4..]).GetProperty("run_id").GetString();
        model.Say("Hello");
        model.Finish();
        using var resumed = await LiveStream.PostAsync(api, $"/agents/spoken/runs/{runId}/resume");
        await resumed.RestAsync();
        var run = await api.SendAsync(HttpMethod.Get, $"/agents/spoken/runs/{runId}?session_id=s1");

        Assert.Equal("""202 {"run_id":"<id>","session_id":"s1","status":"PENDING"}""", TestApi.Normalize(accepted));
        Assert.Contains("\"content\":\"Hello\",\"content_type\":\"str\"", run, StringComparison.Ordinal);
        Assert.Contains("\"status\":\"COMPLETED\"", run, StringComparison.Ordinal);
        Assert.Contains("\"events\":[],", run, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repeated_request_with_the_same_key_finds_the_first_run()
    {
        await using var api = await TestApi.StartAsync();

        var first = await SendKeyedAsync(api, "k1", "s1");
        var second = await SendKeyedAsync(api, "k1", "s2");
        var third = await SendKeyedAsync(api, "k2", "s1");

        Assert.Equal(first, second);
        Assert.NotEqual(first, third);
    }

    [Fact]
    public async Task A_key_that_is_too_long_is_refused()
    {
        await using var api = await TestApi.StartAsync();

        Assert.Equal("""400 {"detail":"The header Idempotency-Key must hold 1 to 255 characters."}""", await SendKeyedAsync(api, new string('k', 256), "s1"));
    }

    [Fact]
    public async Task Cancelling_always_succeeds_for_a_known_agent()
    {
        await using var api = await TestApi.StartAsync();

        Assert.Equal("200 {}", await api.SendAsync(HttpMethod.Post, Echo + "/nope/cancel"));
        Assert.Equal("""404 {"detail":"Agent not found"}""", await api.SendAsync(HttpMethod.Post, "/agents/nope/runs/nope/cancel"));
    }

    private static async Task<string> SendKeyedAsync(TestApi api, string key, string sessionId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Echo)
        {
            Content = TestApi.Form(("message", "Hi"), ("stream", "false"), ("session_id", sessionId)),
            Headers = { { "Idempotency-Key", key } },
        };
        using var response = await api.Client.SendAsync(request, TestApi.Stop);
        var body = await response.Content.ReadAsStringAsync(TestApi.Stop);
        return response.IsSuccessStatusCode ? System.Text.Json.JsonElement.Parse(body).GetProperty("run_id").GetString()! : $"{(int)response.StatusCode} {body}";
    }
}
