using System.Text.Json;
using Microsoft.Extensions.AI;
using static Cluster.Providers.Tests.Models.ModelTestBed;

namespace Cluster.Providers.Tests.Models;

public sealed class OpenAIChatClientTests : IAsyncLifetime
{
    private const string Hello = """{"id":"c1","model":"m-2026","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""";
    private const string Stop = """{"id":"c1","model":"m-2026","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""";
    private const string Calls = """{"id":"c1","model":"m-2026","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""";
    private const string Done = "[DONE]";

    private VendorServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await VendorServer.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_text_arrives_piece_by_piece_and_usage_comes_at_the_end()
    {
        _server.Stream(
            Hello,
            Delta("""{"content":"Hel"}"""),
            Delta("""{"content":"lo"}"""),
            Stop,
            """{"id":"c1","model":"m-2026","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":3}}}""",
            Done);
        await using var bed = For(_server);

        var updates = await AskAsync(bed.Resolve("openai:gpt-5-mini"));

        Assert.Equal("text Hel\ntext lo\nusage 11/7/18 cached 4 reasoning 3 + finish stop", Show(updates));
        Assert.All(updates, update => Assert.Equal(("c1", "m-2026"), (update.ResponseId, update.ModelId)));
    }

    [Fact]
    public async Task OpenAI_gets_the_request_that_its_documentation_describes()
    {
        _server.Stream(Hello, Stop, Done);
        await using var bed = For(_server);
        var options = new ChatOptions
        {
            Temperature = 0.5f,
            TopP = 0.9f,
            MaxOutputTokens = 100,
            Seed = 7,
            StopSequences = ["END"],
            Tools = [AddTool()],
            ToolMode = ChatToolMode.RequireSpecific("add"),
            ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse("""{"type":"object","properties":{"sum":{"type":"integer"}}}"""), "result"),
            AdditionalProperties = new() { ["service_tier"] = "flex" },
        };

        await AskAsync(bed.Resolve("openai:gpt-5-mini"), options, new ChatMessage(ChatRole.System, "Be brief."), new ChatMessage(ChatRole.User, "2+3 <&> ü?"));

        var request = Assert.Single(_server.Requests);
        Assert.Equal("POST /v1/chat/completions", request.Route);
        Assert.Equal("Bearer " + Key, request.Headers["Authorization"]);
        Assert.Equal(
            """{"model":"gpt-5-mini","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"2+3 <&> ü?"}],"stream":true,"stream_options":{"include_usage":true},"""
            + """ "temperature":0.5,"top_p":0.9,"max_completion_tokens":100,"seed":7,"stop":["END"],"""[1..]
            + """ "response_format":{"type":"json_schema","json_schema":{"name":"result","strict":true,"schema":{"type":"object","properties":{"sum":{"type":["integer","null"]}},"additionalProperties":false,"required":["sum"]}}},"""[1..]
            + """ "tools":[{"type":"function","function":{"name":"add","description":"Adds.","parameters":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}}}],"""[1..]
            + """ "tool_choice":{"type":"function","function":{"name":"add"}},"service_tier":"flex"}"""[1..],
            request.Body);
    }

    [Theory]
    [InlineData("groq", """{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}],"stream":true,"stream_options":{"include_usage":true},"top_k":3,"max_tokens":5,"seed":7}""")]
    [InlineData("mistral", """{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}],"stream":true,"top_k":3,"max_tokens":5,"random_seed":7}""")]
    [InlineData("openai", """{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}],"stream":true,"stream_options":{"include_usage":true},"max_completion_tokens":5,"seed":7}""")]
    public async Task Each_vendor_gets_its_own_dialect(string vendor, string expected)
    {
        _server.Stream(Hello, Stop, Done);
        await using var bed = For(_server, vendor);

        await AskAsync(bed.Resolve($"{vendor}:m"), new ChatOptions { TopK = 3, MaxOutputTokens = 5, Seed = 7 }, new ChatMessage(ChatRole.System, "s"), new ChatMessage(ChatRole.User, "u"));

        Assert.Equal(expected, Assert.Single(_server.Requests).Body);
    }

    [Fact]
    public async Task Tool_calls_go_back_with_empty_content_and_results_with_their_ids()
    {
        _server.Stream(Hello, Stop, Done);
        await using var bed = For(_server);

        await AskAsync(
            bed.Resolve("openai:m"),
            null,
            new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("call_1", "add", new Dictionary<string, object?> { ["a"] = 1, ["b"] = "ü" }), ToolCallOf("oops")]),
            new ChatMessage(ChatRole.Tool, [new FunctionResultContent("call_1", "3")]),
            new ChatMessage(ChatRole.Tool, [new FunctionResultContent("call_2", "failed")]));

        Assert.Equal(
            """{"model":"m","messages":[{"role":"assistant","content":"","tool_calls":[{"id":"call_1","type":"function","function":{"name":"add","arguments":"{\"a\":1,\"b\":\"ü\"}"}},"""
            + """ {"id":"call_2","type":"function","function":{"name":"add","arguments":"oops"}}]},"""[1..]
            + """ {"role":"tool","tool_call_id":"call_1","content":"3"},{"role":"tool","tool_call_id":"call_2","content":"failed"}],"stream":true,"stream_options":{"include_usage":true}}"""[1..],
            Assert.Single(_server.Requests).Body);
    }

    [Fact]
    public async Task Images_audio_and_files_become_parts()
    {
        _server.Stream(Hello, Stop, Done);
        await using var bed = For(_server);
        byte[] bytes = [1, 2, 3];

        await AskAsync(bed.Resolve("openai:m"), null, new ChatMessage(ChatRole.User,
        [
            new TextContent("look"),
            new DataContent(bytes, "image/png"),
            new UriContent("https://example.org/a.jpg", "image/jpeg"),
            new DataContent(bytes, "audio/mpeg"),
            new DataContent(bytes, "application/pdf") { Name = "a.pdf" },
        ]));

        Assert.Contains(
            """[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AQID"}},{"type":"image_url","image_url":{"url":"https://example.org/a.jpg"}},"""
            + """ {"type":"input_audio","input_audio":{"data":"AQID","format":"mp3"}},{"type":"file","file":{"file_data":"data:application/pdf;base64,AQID","filename":"a.pdf"}}]"""[1..],
            Assert.Single(_server.Requests).Body,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_vendor_cannot_take_is_refused_before_anything_is_sent()
    {
        await using var bed = For(_server);

        var refusal = await Assert.ThrowsAsync<Engine.Errors.InvalidRequestException>(
            () => AskAsync(bed.Resolve("openai:m"), null, new ChatMessage(ChatRole.User, [new UriContent("https://example.org/a.mp4", "video/mp4")])));

        Assert.StartsWith("OpenAI takes no linked video/mp4.", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task Tool_calls_are_put_together_by_index()
    {
        _server.Stream(
            Hello,
            Delta("""{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"add","arguments":""}}]}"""),
            Delta("""{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]}"""),
            Delta("""{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"now","arguments":""}},{"index":0,"function":{"arguments":"1}"}}]}"""),
            Delta("""{"tool_calls":[{"index":2,"id":"call_c","type":"function","function":{"name":"add","arguments":"{\"a\":"}}]}"""),
            Calls,
            Done);
        await using var bed = For(_server);

        var updates = await AskAsync(bed.Resolve("openai:m"));

        Assert.Equal("call call_a add a=1 + call call_b now  + malformed call_c add {\"a\": + finish tool_calls", Show(updates));
    }

    [Fact]
    public async Task Vendors_that_number_no_tool_calls_start_one_with_each_id()
    {
        _server.Stream(
            Delta("""{"tool_calls":[{"id":"call_a","function":{"name":"add","arguments":"{\"a\":1}"}}]}"""),
            Delta("""{"tool_calls":[{"id":"call_b","function":{"name":"add","arguments":"{\"a\":2}"}}]}"""),
            Delta("""{"tool_calls":[{"index":0,"id":"call_c","function":{"name":"add","arguments":"{\"a\":3}"}}]}"""),
            Delta("""{"tool_calls":[{"index":0,"id":"call_d","function":{"name":"add","arguments":"{\"a\":4}"}}]}"""),
            Stop);
        await using var bed = For(_server, "ollama");

        var updates = await AskAsync(bed.Resolve("ollama:m"));

        Assert.Equal("call call_a add a=1 + call call_b add a=2 + call call_c add a=3 + call call_d add a=4 + finish stop", Show(updates));
    }

    [Theory]
    [InlineData("deepseek", """{"reasoning_content":"hm","content":null}""")]
    [InlineData("openrouter", """{"reasoning":"hm","content":""}""")]
    [InlineData("vllm", """{"reasoning":"hm","reasoning_content":"hm"}""")]
    [InlineData("mistral", """{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]}""")]
    public async Task Thoughts_are_told_from_the_answer(string vendor, string thought)
    {
        _server.Stream(Delta(thought), Delta("""{"content":"42"}"""), Stop, Done);
        await using var bed = For(_server, vendor);

        Assert.Equal("thought hm\ntext 42\nfinish stop", Show(await AskAsync(bed.Resolve($"{vendor}:m"))));
    }

    [Fact]
    public async Task DeepSeek_gets_its_thoughts_back_with_the_tool_calls_they_led_to()
    {
        _server.Stream(Stop, Done);
        await using var bed = For(_server, "deepseek");

        await AskAsync(bed.Resolve("deepseek:m"), null, new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("hm"), ToolCallOf("{}")]));

        Assert.Contains("""{"role":"assistant","content":"","reasoning_content":"hm","tool_calls":[""", Assert.Single(_server.Requests).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAI_gets_no_thoughts_back()
    {
        _server.Stream(Stop, Done);
        await using var bed = For(_server);

        await AskAsync(bed.Resolve("openai:m"), null, new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("hm"), ToolCallOf("{}")]));

        Assert.Contains("""{"role":"assistant","content":"","tool_calls":[""", Assert.Single(_server.Requests).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Running_totals_are_counted_once()
    {
        _server.Stream(
            """{"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}""",
            """{"choices":[{"delta":{},"finish_reason":"length"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}""",
            Done);
        await using var bed = For(_server, "xai");

        Assert.Equal("text a\nusage 3/2/5 cached  reasoning  + finish length", Show(await AskAsync(bed.Resolve("xai:m"))));
    }

    [Fact]
    public async Task Counts_of_any_size_are_taken_in()
    {
        _server.Stream(
            """{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":36893488147419103228,"completion_tokens":-1e30,"total_tokens":7.0}}""", Done);
        await using var bed = For(_server, "xai");

        Assert.Contains($"usage {long.MaxValue}/{long.MinValue}/7 ", Show(await AskAsync(bed.Resolve("xai:m"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_whole_answer_is_the_sum_of_the_stream()
    {
        _server.Stream(Hello, Delta("""{"content":"Hel"}"""), Delta("""{"content":"lo"}"""), Stop, Done);
        await using var bed = For(_server);

        var answer = await bed.Resolve("openai:m").Client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(("Hello", ChatFinishReason.Stop), (answer.Text, answer.FinishReason));
    }

    private static string Delta(string delta) => $$"""{"id":"c1","model":"m-2026","choices":[{"index":0,"delta":{{delta}},"finish_reason":null}]}""";

    private static FunctionCallContent ToolCallOf(string arguments) => new("call_2", "add")
    {
        Exception = new JsonException("unreadable"),
        AdditionalProperties = new() { ["arguments"] = arguments },
    };

    private static AIFunctionDeclaration AddTool() => AIFunctionFactory.CreateDeclaration(
        "add", "Adds.", JsonElement.Parse("""{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}"""));
}
