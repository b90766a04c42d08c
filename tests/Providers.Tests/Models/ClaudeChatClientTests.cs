using System.Text.Json;
using Cluster.Engine.Models;
using Microsoft.Extensions.AI;
using static Cluster.Providers.Tests.Models.ModelTestBed;

namespace Cluster.Providers.Tests.Models;

public sealed class ClaudeChatClientTests : IAsyncLifetime
{
    private const string Start = """{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"cache_creation_input_tokens":2,"cache_read_input_tokens":4,"output_tokens":1}}}""";
    private const string TextStart = """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""";
    private const string End = """{"type":"message_stop"}""";

    private VendorServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await VendorServer.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_text_arrives_piece_by_piece_with_thoughts_before_and_usage_behind()
    {
        _server.Events(
            Start,
            """{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}""",
            Delta(0, """{"type":"thinking_delta","thinking":"hm"}"""),
            Delta(0, """{"type":"signature_delta","signature":"sig"}"""),
            Halt(0),
            """{"type":"ping"}""",
            """{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}""",
            Delta(1, """{"type":"text_delta","text":"Hel"}"""),
            Delta(1, """{"type":"text_delta","text":"lo"}"""),
            Halt(1),
            """{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":12}}""",
            End);
        await using var bed = For(_server, "anthropic");

        var answer = (await AskAsync(bed.Resolve("anthropic:claude-x"))).ToChatResponse();

        Assert.Equal(("Hello", ChatFinishReason.Stop, "claude-x"), (answer.Text, answer.FinishReason, answer.ModelId));
        Assert.Equal("hm", string.Concat(answer.Messages[0].Contents.OfType<TextReasoningContent>().Select(thought => thought.Text)));
        Assert.Equal("sig", string.Concat(answer.Messages[0].Contents.OfType<TextReasoningContent>().Select(thought => thought.ProtectedData)));
        Assert.Equal((15L, 12L, 27L, 4L), (answer.Usage!.InputTokenCount, answer.Usage.OutputTokenCount, answer.Usage.TotalTokenCount, answer.Usage.CachedInputTokenCount));
    }

    [Fact]
    public async Task Tool_calls_are_put_together_and_malformed_ones_keep_their_text()
    {
        _server.Events(
            Start,
            """{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_1","name":"add","input":{}}}""",
            Delta(0, """{"type":"input_json_delta","partial_json":""}"""),
            Delta(0, """{"type":"input_json_delta","partial_json":"{\"a\":"}"""),
            Delta(0, """{"type":"input_json_delta","partial_json":"1}"}"""),
            Halt(0),
            """{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_2","name":"add","input":{}}}""",
            Delta(1, """{"type":"input_json_delta","partial_json":"{\"a\":"}"""),
            Halt(1),
            """{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":9,"output_tokens":5}}""",
            End);
        await using var bed = For(_server, "anthropic");

        var shown = Show((await AskAsync(bed.Resolve("anthropic:claude-x"))).Where(update => update.Contents.OfType<FunctionCallContent>().Any()));

        Assert.Equal("call toolu_1 add a=1\nmalformed toolu_2 add {\"a\":", shown);
    }

    [Fact]
    public async Task Anthropic_gets_only_thoughts_that_it_has_signed()
    {
        _server.Events(Start, TextStart, Halt(0), Stop("end_turn"), End);
        await using var bed = For(_server, "anthropic");

        await AskAsync(
            bed.Resolve("anthropic:claude-x"),
            null,
            new ChatMessage(ChatRole.User, "add"),
            new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("unsigned"), new TextReasoningContent("signed") { ProtectedData = "sig" }, Call("toolu_1", 1)]));

        var sent = Assert.Single(_server.Requests).Body;
        Assert.DoesNotContain("unsigned", sent, StringComparison.Ordinal);
        Assert.Contains("\"signature\":\"sig\"", sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anthropic_gets_the_conversation_with_results_of_parallel_calls_in_one_message()
    {
        _server.Events(Start, TextStart, Halt(0), Stop("end_turn"), End);
        await using var bed = For(_server, "anthropic");
        var tool = AIFunctionFactory.CreateDeclaration("add", "Adds.", JsonElement.Parse("""{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}"""));

        await AskAsync(
            bed.Resolve("anthropic:claude-x"),
            new ChatOptions { Tools = [tool], ToolMode = ChatToolMode.RequireSpecific("add"), Temperature = 0.5f, StopSequences = ["END"] },
            new ChatMessage(ChatRole.System, "Be brief."),
            new ChatMessage(ChatRole.User, [new TextContent("add"), new DataContent(new byte[] { 1, 2, 3 }, "image/png")]),
            new ChatMessage(ChatRole.Assistant, [Call("toolu_1", 1), Call("toolu_2", 2)]),
            new ChatMessage(ChatRole.Tool, [new FunctionResultContent("toolu_1", "1")]),
            new ChatMessage(ChatRole.Tool, [new FunctionResultContent("toolu_2", "2")]));

        var request = Assert.Single(_server.Requests);
        Assert.Equal(("POST /v1/messages", "Bearer " + Key, "86400"), (request.Route, request.Headers["Authorization"], request.Headers["X-Stainless-Timeout"]));
        Assert.Equal(Canonical(
            """
            {"max_tokens":8192,"model":"claude-x","stream":true,"stop_sequences":["END"],"tool_choice":{"type":"tool","name":"add"},
            "system":[{"type":"text","text":"Be brief."}],
            "tools":[{"name":"add","description":"Adds.","input_schema":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}}],
            "messages":[
            {"role":"user","content":[{"type":"text","text":"add"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQID"}}]},
            {"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"add","input":{"a":1}},{"type":"tool_use","id":"toolu_2","name":"add","input":{"a":2}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","is_error":false,"content":"1"},{"type":"tool_result","tool_use_id":"toolu_2","is_error":false,"content":"2"}]}]}
            """), Canonical(request.Body));
        Assert.Equal(["Warning: Anthropic's API takes neither temperature nor top_p nor top_k; they are left out of the calls of claude-x"], bed.Log.Lines);
    }

    [Fact]
    public async Task An_overloaded_vendor_is_asked_again_even_when_it_says_so_inside_of_the_stream()
    {
        _server
            .Fail(529, """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""")
            .Events(Start, """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""")
            .Events(Start, TextStart, Delta(0, """{"type":"text_delta","text":"Hi"}"""), Halt(0), Stop("max_tokens"), End);
        await using var bed = For(_server, "anthropic");

        var answer = (await AskAsync(bed.Resolve("anthropic:claude-x"))).ToChatResponse();

        Assert.Equal(("Hi", ChatFinishReason.Length), (answer.Text, answer.FinishReason));
        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)], bed.Clock.Pauses);
    }

    [Fact]
    public async Task A_refused_key_is_an_authentication_error()
    {
        _server.Fail(401, """{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}""");
        await using var bed = For(_server, "anthropic");

        var failure = await Assert.ThrowsAsync<ModelException>(() => AskAsync(bed.Resolve("anthropic:claude-x")));

        Assert.Equal(("invalid x-api-key", 401, "model_authentication_error"), (failure.Message, failure.StatusCode, failure.ErrorType));
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task A_stream_that_ends_in_the_middle_is_a_failure()
    {
        _server.Events(Start, TextStart, Delta(0, """{"type":"text_delta","text":"Hi"}"""));
        await using var bed = For(_server, "anthropic");

        var failure = await Assert.ThrowsAsync<ModelException>(() => AskAsync(bed.Resolve("anthropic:claude-x")));

        Assert.Equal("Anthropic ended the stream before the answer was complete.", failure.Message);
    }

    private static string Delta(int index, string delta) => $$"""{"type":"content_block_delta","index":{{index}},"delta":{{delta}} }""";

    private static string Halt(int index) => $$"""{"type":"content_block_stop","index":{{index}}}""";

    private static string Stop(string reason) => """{"type":"message_delta","delta":{"stop_reason":"REASON","stop_sequence":null},"usage":{"output_tokens":5}}""".Replace("REASON", reason, StringComparison.Ordinal);

    private static FunctionCallContent Call(string id, int a) => new(id, "add", new Dictionary<string, object?> { ["a"] = a });

    /// <summary>The library orders members as it likes: compare what is said, not in which order.</summary>
    private static string Canonical(string json) => Sort(JsonElement.Parse(json));

    private static string Sort(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(',', json.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal).Select(member => $"\"{member.Name}\":{Sort(member.Value)}")) + "}",
        JsonValueKind.Array => $"[{string.Join(',', json.EnumerateArray().Select(Sort))}]",
        _ => json.GetRawText(),
    };
}
