using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Tests.Models;

/// <summary>Whole runs over Anthropic's messages on the wire.</summary>
public sealed class ClaudeAgentTests : IAsyncLifetime
{
    private const string Start = """{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":1}}}""";
    private const string End = """{"type":"message_stop"}""";

    private VendorServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await VendorServer.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task An_answer_is_heard_piece_by_piece_and_counted()
    {
        _server.Events([Start, .. Text(0, "Hel", "lo"), Stop("end_turn"), End]);
        await using var agent = NewAgent();

        var run = await agent.RunAsync();

        Assert.Equal((RunStatus.Completed, "Hello", "Hel|lo"), (run.Status, run.Content?.Text, agent.Heard));
        Assert.Equal((9L, 5L, 14L), (run.Metrics!.InputTokens, run.Metrics.OutputTokens, run.Metrics.TotalTokens));
    }

    [Fact]
    public async Task Results_of_parallel_calls_go_back_together_and_malformed_arguments_are_told()
    {
        _server
            .Events([Start, .. Text(0, "Let me see."), .. Use(1, "toolu_1", """{\"n\":1}"""), .. Use(2, "toolu_2", """{\"n\":"""), Stop("tool_use"), End])
            .Events([Start, .. Text(0, "One."), Stop("end_turn"), End]);
        await using var agent = NewAgent(with => with with { Tools = [Tool.Create((int n) => n, new ToolOptions { Name = "count" })] });

        var run = await agent.RunAsync();

        Assert.Equal((RunStatus.Completed, "Let me see.One."), (run.Status, run.Content?.Text));
        var results = JsonElement.Parse(_server.Requests[1].Body).GetProperty("messages").EnumerateArray().Last().GetProperty("content");
        Assert.Equal(["toolu_1", "toolu_2"], results.EnumerateArray().Select(result => result.GetProperty("tool_use_id").GetString()));
        Assert.Equal("1", results[0].GetProperty("content").GetString());
        Assert.StartsWith("Error", results[1].GetProperty("content").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_prompt_asks_for_the_object()
    {
        _server.Events([Start, .. Text(0, "```json\\n{\\\"title\\\":\\\"Alien\\\",", "\\\"year\\\":1979}\\n```"), Stop("end_turn"), End]);
        await using var agent = NewAgent(with => with with { Output = new OutputSettings { Schema = OutputSchema.Of<Movie>() } });

        var run = await agent.RunAsync();

        Assert.Equal(("Movie", """{"title":"Alien","year":1979}"""), (run.ContentType, run.Content?.Json?.GetRawText()));
        Assert.Contains("json_fields", Assert.Single(_server.Requests).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_fails_the_run_with_a_word_about_why()
    {
        _server.Events([Start, .. Text(0, "Well"), Stop("refusal"), End]);
        await using var agent = NewAgent();

        var run = await agent.RunAsync();

        Assert.Equal((RunStatus.Error, "Anthropic refused to answer, or its content filter withheld the answer."), (run.Status, run.Content?.Text));
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task Another_model_may_answer_what_one_refuses()
    {
        _server.Events(Start, Stop("refusal"), End).Events([Start, .. Text(0, "Gladly."), Stop("end_turn"), End]);
        await using var agent = NewAgent(with => with with { Fallbacks = new FallbackSettings { OnError = ["anthropic:claude-y"] } });

        Assert.Equal("Gladly.", (await agent.RunAsync()).Content?.Text);
        Assert.Equal(["claude-x", "claude-y"], _server.Requests.Select(Model));
    }

    [Theory]
    [InlineData("max_tokens")]
    [InlineData("model_context_window_exceeded")]
    public async Task An_answer_that_was_cut_for_its_length_is_an_answer(string reason)
    {
        _server.Events([Start, .. Text(0, "Once upon"), Stop(reason), End]);
        await using var agent = NewAgent();

        var run = await agent.RunAsync();

        Assert.Equal((RunStatus.Completed, "Once upon"), (run.Status, run.Content?.Text));
    }

    [Theory]
    [InlineData("prompt is too long: 200251 tokens > 200000 maximum")]
    [InlineData("input length and `max_tokens` exceed context limit: 199759 + 8192 > 200000, decrease input length or `max_tokens` and try again")]
    public async Task A_conversation_that_is_too_long_goes_to_the_model_with_the_larger_window(string message)
    {
        _server.Fail(400, $$$"""{"type":"error","error":{"type":"invalid_request_error","message":"{{{message}}}"},"request_id":"req_1"}""")
            .Events([Start, .. Text(0, "Read it all."), Stop("end_turn"), End]);
        await using var agent = NewAgent(with => with with { Fallbacks = new FallbackSettings { OnContextLength = ["anthropic:claude-large"] } });

        Assert.Equal("Read it all.", (await agent.RunAsync()).Content?.Text);
        Assert.Equal(["claude-x", "claude-large"], _server.Requests.Select(Model));
    }

    [Fact]
    public async Task A_vendor_that_stays_overloaded_is_left_for_the_model_that_is_named_for_that()
    {
        const string Overloaded = """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""";
        _server.Fail(529, Overloaded).Fail(529, Overloaded).Events(Start, Overloaded).Events([Start, .. Text(0, "Hi"), Stop("end_turn"), End]);
        await using var agent = NewAgent(with => with with { Fallbacks = new FallbackSettings { OnRateLimit = ["anthropic:claude-y"] } });

        Assert.Equal("Hi", (await agent.RunAsync()).Content?.Text);
        Assert.Equal(["claude-x", "claude-x", "claude-x", "claude-y"], _server.Requests.Select(Model));
    }

    [Fact]
    public async Task A_stream_that_is_cut_ends_the_run_with_an_error()
    {
        _server.Events([Start, .. Text(0, "Hel")]);
        await using var agent = NewAgent();

        var run = await agent.RunAsync();

        Assert.Equal((RunStatus.Error, "Anthropic ended the stream before the answer was complete."), (run.Status, run.Content?.Text));
        Assert.Equal("Hel", agent.Heard);
    }

    [Fact]
    public async Task A_vendor_that_says_nothing_is_given_up_after_its_time()
    {
        _server.Hang(new TaskCompletionSource(), new TaskCompletionSource());
        await using var agent = NewAgent(null, ("Models:anthropic:Timeout", "00:00:00.2"), ("Models:anthropic:Retries", "0"));
        agent.Clock.Patience = TimeSpan.Zero;

        Assert.Equal("Anthropic said nothing for 00:00:00.2000000.", (await agent.RunAsync()).Content?.Text);
    }

    private VendorAgent NewAgent(Func<Agent, Agent>? change = null, params (string Key, string? Value)[] settings)
    {
        var agent = new Agent { Model = "anthropic:claude-x" };
        return new VendorAgent(_server, change?.Invoke(agent) ?? agent, settings);
    }

    private static string[] Text(int index, params string[] pieces) =>
    [
        $$$"""{"type":"content_block_start","index":{{{index}}},"content_block":{"type":"text","text":""}}""",
        .. pieces.Select(piece => $$$"""{"type":"content_block_delta","index":{{{index}}},"delta":{"type":"text_delta","text":"{{{piece}}}"} }"""),
        $$"""{"type":"content_block_stop","index":{{index}}}""",
    ];

    private static string[] Use(int index, string id, string input) =>
    [
        $$$"""{"type":"content_block_start","index":{{{index}}},"content_block":{"type":"tool_use","id":"{{{id}}}","name":"count","input":{}} }""",
        $$$"""{"type":"content_block_delta","index":{{{index}}},"delta":{"type":"input_json_delta","partial_json":"{{{input}}}"} }""",
        $$"""{"type":"content_block_stop","index":{{index}}}""",
    ];

    private static string Stop(string reason) => $$$"""{"type":"message_delta","delta":{"stop_reason":"{{{reason}}}","stop_sequence":null},"usage":{"output_tokens":5}}""";

    private static string? Model(VendorRequest request) => JsonElement.Parse(request.Body).GetProperty("model").GetString();

    private sealed record Movie(string Title, int Year);
}
