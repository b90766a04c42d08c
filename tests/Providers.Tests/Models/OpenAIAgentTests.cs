using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Tests.Models;

/// <summary>Whole runs over chat completions on the wire.</summary>
public sealed class OpenAIAgentTests : IAsyncLifetime
{
    private const string Stop = """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""";
    private const string Calls = """{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""";
    private const string Usage = """{"choices":[],"usage":{"prompt_tokens":20,"completion_tokens":8,"total_tokens":28}}""";
    private const string Done = "[DONE]";

    private VendorServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await VendorServer.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task An_answer_is_heard_piece_by_piece_with_its_thoughts_and_counted()
    {
        _server.Stream(Delta("""{"reasoning_content":"hm"}"""), Delta("""{"content":"Hel"}"""), Delta("""{"content":"lo"}"""), Stop, Usage, Done);
        await using var agent = NewAgent();

        var run = await agent.RunAsync();

        Assert.Equal((RunStatus.Completed, "Hello", "hm", 28L), (run.Status, run.Content?.Text, run.ReasoningContent, run.Metrics?.TotalTokens));
        Assert.Equal("hm|Hel|lo", agent.Heard);
    }

    [Fact]
    public async Task Calls_of_one_turn_work_at_the_same_time_and_their_results_go_back_in_order()
    {
        _server.Stream(
            Call(0, "call_a", "{\\\"n\\\":1"),
            Call(1, "call_b", "{\\\"n\\\":2}"),
            """{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]}}]}""",
            Calls,
            Done).Stream(Delta("""{"content":"both"}"""), Stop, Done);
        var met = new TaskCompletionSource[] { new(), new() };
        await using var agent = NewAgent(with => with with { Tools = [Tool.Create(MeetAsync, new ToolOptions { Name = "meet" })] });

        var run = await agent.RunAsync();

        Assert.Equal((RunStatus.Completed, "both"), (run.Status, run.Content?.Text));
        Assert.EndsWith(
            """{"role":"tool","tool_call_id":"call_a","content":"met 1"},{"role":"tool","tool_call_id":"call_b","content":"met 2"}]""",
            Messages(_server.Requests[1]),
            StringComparison.Ordinal);

        // Neither call ends before the other has begun.
        async Task<string> MeetAsync(int n, CancellationToken cancellationToken)
        {
            met[n - 1].SetResult();
            await met[2 - n].Task.WaitAsync(cancellationToken);
            return $"met {n}";
        }
    }

    [Theory]
    [InlineData("openai:m", false, "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"Movie\",\"strict\":true,", false)]
    [InlineData("openai:m", true, "\"response_format\":{\"type\":\"json_object\"}", true)]
    [InlineData("deepseek:m", false, "\"response_format\":{\"type\":\"json_object\"}", true)]
    public async Task A_model_is_held_to_the_schema_as_far_as_its_vendor_can(string model, bool jsonMode, string sent, bool isDescribed)
    {
        _server.Stream(Delta("""{"content":"{\"title\":\"Alien\","}"""), Delta("""{"content":"\"year\":1979}"}"""), Stop, Done);
        await using var agent = NewAgent(with => with with { Model = model, Output = new OutputSettings { Schema = OutputSchema.Of<Movie>(), UseJsonMode = jsonMode } });

        var run = await agent.RunAsync();

        Assert.Equal(("Movie", """{"title":"Alien","year":1979}"""), (run.ContentType, run.Content?.Json?.GetRawText()));
        Assert.Equal("""{"title":"Alien","year":1979}""", agent.Heard);
        var request = Assert.Single(_server.Requests).Body;
        Assert.Contains(sent, request, StringComparison.Ordinal);
        Assert.Equal(isDescribed, request.Contains("<json_fields>", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refusal_is_the_answer_in_words_also_where_an_object_was_asked_for()
    {
        _server.Stream(Delta("""{"content":null,"refusal":"I can't "}"""), Delta("""{"refusal":"do that."}"""), Stop, Done);
        await using var agent = NewAgent(with => with with { Output = new OutputSettings { Schema = OutputSchema.Of<Movie>() } });

        var run = await agent.RunAsync();

        Assert.Equal((RunStatus.Completed, "I can't do that.", "str"), (run.Status, run.Content?.Text, run.ContentType));
    }

    [Fact]
    public async Task An_answer_that_a_content_filter_withheld_is_a_failure_and_another_model_may_answer()
    {
        _server
            .Stream(Delta("""{"content":"Well, "}"""), """{"choices":[{"index":0,"delta":{},"finish_reason":"content_filter"}]}""", Done)
            .Stream(Delta("""{"content":"Gladly."}"""), Stop, Done);
        await using var agent = NewAgent(with => with with { Fallbacks = new FallbackSettings { OnError = ["openai:other"] } });

        var run = await agent.RunAsync();

        Assert.Equal((RunStatus.Completed, "Gladly."), (run.Status, run.Content?.Text));
        Assert.Equal("Well, |Gladly.", agent.Heard);
    }

    [Fact]
    public async Task A_run_waits_as_long_as_a_busy_vendor_asks_and_shows_nothing_of_it()
    {
        _server.Fail(429, """{"error":{"message":"Rate limit reached for m","type":"tokens","code":"rate_limit_exceeded"}}""", retryAfter: "7")
            .Stream(Delta("""{"content":"Hi"}"""), Stop, Done);
        await using var agent = NewAgent();

        var run = await agent.RunAsync();

        Assert.Equal((RunStatus.Completed, "Hi"), (run.Status, run.Content?.Text));
        Assert.Contains(TimeSpan.FromSeconds(7), agent.Clock.Pauses);
        Assert.Equal("RunStarted ModelRequestStarted RunContent ModelRequestCompleted RunContentCompleted RunCompleted", Order(agent));
    }

    [Fact]
    public async Task A_vendor_that_stays_busy_is_left_for_the_model_that_is_named_for_that()
    {
        _server.Fail(429, """{"error":{"message":"Rate limit reached"}}""", retryAfter: "3600").Stream(Delta("""{"content":"Hi"}"""), Stop, Done);
        await using var agent = NewAgent(with => with with { Fallbacks = new FallbackSettings { OnError = ["openai:wrong"], OnRateLimit = ["openai:spare"] } });

        Assert.Equal("Hi", (await agent.RunAsync()).Content?.Text);
        Assert.Equal(["m", "spare"], _server.Requests.Select(Model));
    }

    [Fact]
    public async Task A_stream_that_is_cut_fails_the_run_which_is_tried_again_if_it_may()
    {
        _server.Stream(Delta("""{"content":"Hel"}""")).Stream(Delta("""{"content":"Hello"}"""), Stop, Done);
        await using var agent = NewAgent(with => with with { Retry = new RetrySettings { Retries = 1 } });

        var run = await agent.RunAsync();

        Assert.Equal((RunStatus.Completed, "Hello"), (run.Status, run.Content?.Text));
        Assert.Equal("Hel|Hello", agent.Heard);
    }

    [Fact]
    public async Task A_stream_that_is_cut_in_a_tool_call_calls_nothing()
    {
        var calls = 0;
        _server.Stream(Call(0, "call_a", "{}")).Stream(Call(0, "call_a", "{}")).Stream(Call(0, "call_a", "{}"));
        await using var agent = NewAgent(with => with with { Tools = [Tool.Create(() => ++calls, new ToolOptions { Name = "meet" })] });

        var run = await agent.RunAsync();

        Assert.Equal((RunStatus.Error, "OpenAI ended the stream before the answer was complete.", 0), (run.Status, run.Content?.Text, calls));
    }

    [Fact]
    public async Task Arguments_that_are_no_JSON_are_told_to_the_model_in_the_result()
    {
        var calls = 0;
        _server.Stream(Call(0, "call_a", "{\\\"n\\\": one}"), Calls, Done).Stream(Delta("""{"content":"Sorry."}"""), Stop, Done);
        await using var agent = NewAgent(with => with with { Tools = [Tool.Create((int n) => calls += n, new ToolOptions { Name = "meet" })] });

        var run = await agent.RunAsync();

        Assert.Equal((RunStatus.Completed, "Sorry.", 0), (run.Status, run.Content?.Text, calls));
        var messages = JsonElement.Parse(_server.Requests[1].Body).GetProperty("messages").EnumerateArray().ToArray();

        // Local servers refuse a conversation in which arguments are no JSON.
        Assert.Equal("{}", messages[^2].GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString());
        Assert.Equal("Error: The arguments are not a JSON object: {\"n\": one}", messages[^1].GetProperty("content").GetString());
    }

    [Theory]
    [InlineData(400, """{"error":{"message":"This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens. Please reduce the length of the messages.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}""")]
    [InlineData(400, """{"error":{"message":"Your input is too large for this model.","type":"invalid_request_error","param":"input","code":"context_length_exceeded"}}""")]
    [InlineData(400, """{"code":"Client specified an invalid argument","error":"This model's maximum prompt length is 131072 but the request contains 200000 tokens."}""")]
    [InlineData(400, """{"object":"error","message":"Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length","type":"invalid_request_prompt","param":null,"code":"3051"}""")]
    [InlineData(400, """{"error":{"code":400,"message":"the request exceeds the available context size. try increasing the context size or enable context shift","type":"exceed_context_size_error"}}""")]
    [InlineData(413, """{"error":{"message":"Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 8000, please reduce your message size and try again.","type":"tokens","code":"rate_limit_exceeded"}}""")]
    [InlineData(422, """{"error":{"message":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs` tokens and 512 `max_new_tokens`","type":"invalid_request_error"}}""")]
    public async Task A_conversation_that_is_too_long_goes_to_the_model_with_the_larger_window(int status, string body)
    {
        _server.Fail(status, body).Stream(Delta("""{"content":"Read it all."}"""), Stop, Done);
        await using var agent = NewAgent(with => with with { Fallbacks = new FallbackSettings { OnError = ["openai:wrong"], OnContextLength = ["openai:large"] } });

        Assert.Equal("Read it all.", (await agent.RunAsync()).Content?.Text);
        Assert.Equal(["m", "large"], _server.Requests.Select(Model));
    }

    [Fact]
    public async Task A_conversation_that_fits_nowhere_ends_the_run_with_the_vendors_words()
    {
        _server.Fail(400, """{"error":{"message":"Your input exceeds the context window of this model.","type":"invalid_request_error","code":"context_length_exceeded"}}""");
        await using var agent = NewAgent();

        var run = await agent.RunAsync();

        Assert.Equal((RunStatus.Error, "Your input exceeds the context window of this model."), (run.Status, run.Content?.Text));
        Assert.Equal(ModelException.ProviderError, Assert.Single(agent.Events.OfType<RunError>()).ErrorType);
    }

    [Fact]
    public async Task A_vendor_that_falls_silent_in_the_middle_ends_the_run_with_what_is_known()
    {
        _server.Hang(new TaskCompletionSource(), new TaskCompletionSource(), Delta("""{"content":"Hel"}"""));
        await using var agent = NewAgent(with => with, ("Models:openai:Timeout", "00:00:02"));
        agent.Clock.Patience = TimeSpan.Zero;

        var run = await agent.RunAsync();

        Assert.Equal((RunStatus.Error, "OpenAI said nothing for 00:00:02."), (run.Status, run.Content?.Text));
        Assert.Equal("Hel", agent.Heard);
    }

    private VendorAgent NewAgent(Func<Agent, Agent>? change = null, params (string Key, string? Value)[] settings)
    {
        var agent = new Agent { Model = "openai:m" };
        return new VendorAgent(_server, change?.Invoke(agent) ?? agent, [("Models:deepseek:BaseUrl", _server.Url + "/v1"), ("Models:deepseek:ApiKey", ModelTestBed.Key), .. settings]);
    }

    private static string Delta(string delta) => $$"""{"choices":[{"index":0,"delta":{{delta}} }]}""";

    private static string Call(int index, string id, string arguments) =>
        $$"""{"choices":[{"delta":{"tool_calls":[{"index":{{index}},"id":"{{id}}","type":"function","function":{"name":"meet","arguments":"{{arguments}}"} }]} }]}""";

    private static string? Model(VendorRequest request) => JsonElement.Parse(request.Body).GetProperty("model").GetString();

    private static string Messages(VendorRequest request) => JsonElement.Parse(request.Body).GetProperty("messages").GetRawText();

    private static string Order(VendorAgent agent) => string.Join(' ', agent.Events.Select(next => next.Event));

    private sealed record Movie(string Title, int Year);
}
