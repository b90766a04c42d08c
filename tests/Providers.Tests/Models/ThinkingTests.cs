using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Reasoning;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;
using Cluster.Providers.Definitions;
using Microsoft.Extensions.AI;
using static Cluster.Providers.Tests.Models.ModelTestBed;

namespace Cluster.Providers.Tests.Models;

public sealed class ThinkingTests : IAsyncLifetime
{
    private const string Start = """{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":1}}}""";
    private const string End = """{"type":"message_stop"}""";

    private VendorServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await VendorServer.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Signed_and_hidden_thoughts_go_back_as_they_were_with_the_results_of_the_tools_that_they_led_to()
    {
        _server.Events([Start, .. Thought(0, "first", "sig-1"), Block(1, """{"type":"redacted_thinking","data":"hidden"}"""), Halt(1), .. Thought(2, "second", "sig-2"), .. Call(3), Stop("tool_use"), End]);
        _server.Events([Start, Block(0, """{"type":"text","text":""}"""), Delta(0, """{"type":"text_delta","text":"42"}"""), Halt(0), Stop("end_turn"), End]);
        await using var bed = For(_server, "anthropic");

        var run = await NewAgent(bed).RunAsync("what?", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(("42", "firstsecond"), (run.Content?.Text, run.ReasoningContent));
        var sent = JsonElement.Parse(_server.Requests[1].Body).GetProperty("messages")[1].GetProperty("content");
        Assert.Equal(
            ["thinking first sig-1", "redacted_thinking hidden", "thinking second sig-2", "tool_use"],
            sent.EnumerateArray().Select(ShowBlock));
    }

    [Fact]
    public async Task A_thought_that_is_signed_and_not_shown_goes_back_as_it_was()
    {
        _server.Events([Start, Block(0, """{"type":"thinking","thinking":"","signature":""}"""), Delta(0, """{"type":"signature_delta","signature":"sig-1"}"""), Halt(0), .. Call(1), Stop("tool_use"), End]);
        _server.Events([Start, Block(0, """{"type":"text","text":""}"""), Delta(0, """{"type":"text_delta","text":"42"}"""), Halt(0), Stop("end_turn"), End]);
        await using var bed = For(_server, "anthropic");

        await NewAgent(bed).RunAsync("what?", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Contains("""{"type":"thinking","thinking":"","signature":"sig-1"}""", Canonical(_server.Requests[1].Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_signed_thought_keeps_its_signature_beside_it()
    {
        _server.Events([Start, .. Thought(0, "first", "sig-1"), .. Call(1), Stop("tool_use"), End]);
        _server.Events([Start, Block(0, """{"type":"text","text":""}"""), Delta(0, """{"type":"text_delta","text":"42"}"""), Halt(0), Stop("end_turn"), End]);
        await using var bed = For(_server, "anthropic");

        var run = await NewAgent(bed).RunAsync("what?", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("""{"signature":"sig-1"}""", run.Messages!.Value[1].ProviderData?.GetRawText());
        Assert.Contains("""{"type":"thinking","thinking":"first","signature":"sig-1"}""", Canonical(_server.Requests[1].Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Claude_as_a_reasoning_model_is_asked_to_think_and_to_say_what()
    {
        _server.Events([Start, .. Thought(0, "hm", "sig"), Block(1, """{"type":"text","text":""}"""), Delta(1, """{"type":"text_delta","text":"42"}"""), Halt(1), Stop("end_turn"), End]);
        await using var bed = For(_server, "anthropic");
        var agent = new Agent
        {
            Name = "A",
            Model = ScriptedModelProvider.Create(new Script { Text = "fine" }),
            Reasoning = new ReasoningSettings { Model = bed.Resolve("anthropic:claude-sonnet-4-5") },
        };

        var run = await agent.RunAsync("what?", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(("hm", "fine"), (run.ReasoningContent, run.Content?.Text));
        var thinking = JsonElement.Parse(_server.Requests[0].Body).GetProperty("thinking");
        Assert.NotEqual("disabled", thinking.GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_conversation_that_ends_with_the_models_own_words_is_ended_by_the_user_for_anthropic()
    {
        _server.Events(Start, Stop("end_turn"), End);
        await using var bed = For(_server, "anthropic");

        await AskAsync(bed.Resolve("anthropic:claude-x"), null, new ChatMessage(ChatRole.User, "hi"), new ChatMessage(ChatRole.Assistant, "<thinking>hm</thinking>"));

        Assert.Equal("user", JsonElement.Parse(_server.Requests[0].Body).GetProperty("messages").EnumerateArray().Last().GetProperty("role").GetString());
    }

    [Theory]
    [InlineData("ollama", "thought hm\ntext yes\nfinish stop")]
    [InlineData("openai", "text <think>h\ntext m</think>yes\nfinish stop")]
    public async Task Tags_are_read_where_models_are_known_to_write_them(string vendor, string expected)
    {
        _server.Stream(
            """{"choices":[{"delta":{"content":"<think>h"}}]}""",
            """{"choices":[{"delta":{"content":"m</think>yes"}}]}""",
            """{"choices":[{"delta":{},"finish_reason":"stop"}]}""",
            "[DONE]");
        await using var bed = For(_server, vendor);

        var shown = Show(await AskAsync(bed.Resolve($"{vendor}:qwen3")));

        Assert.Equal(expected, shown.Replace("thought h\nthought m + text yes", "thought hm\ntext yes", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("anthropic:claude-sonnet-4-5", true)]
    [InlineData("anthropic:claude-3-5-haiku-latest", false)]
    [InlineData("openai:gpt-5-mini", true)]
    [InlineData("openai:o3", true)]
    [InlineData("openai:gpt-4o", false)]
    [InlineData("openai:gpt-5-chat-latest", false)]
    [InlineData("deepseek:deepseek-reasoner", true)]
    [InlineData("deepseek:deepseek-chat", false)]
    [InlineData("ollama:deepseek-r1:8b", true)]
    [InlineData("ollama:llama3.2", false)]
    public async Task Models_that_think_by_themselves_are_known_by_their_ids(string reference, bool reasons)
    {
        await using var bed = For(_server, reference.Split(':')[0]);

        Assert.Equal(reasons, bed.Resolve(reference).Reasons);
    }

    [Theory]
    [InlineData("reasoning: true", null, 1, 10)]
    [InlineData("reasoning_model: deepseek:deepseek-reasoner", "deepseek:deepseek-reasoner", 1, 10)]
    [InlineData("{reasoning: true, reasoning_min_steps: 2, reasoning_max_steps: 3}", null, 2, 3)]
    public void Definitions_say_how_an_agent_thinks(string keys, string? model, int min, int max)
    {
        var agent = keys.StartsWith('{') ? $"{{name: A, {keys[1..]}" : $"name: A\n    {keys}";
        using var text = new StringReader($"agents:\n  - {agent}");

        var settings = Assert.Single(AgentDefinitions.Load(text, KnownTools.None)).Reasoning!;

        Assert.Equal((model, min, max), (settings.Model?.Reference, settings.MinSteps, settings.MaxSteps));
    }

    [Fact]
    public void A_definition_can_turn_thinking_off()
    {
        using var text = new StringReader("agents:\n  - name: A\n    reasoning: false\n    reasoning_model: openai:o3");

        Assert.Null(Assert.Single(AgentDefinitions.Load(text, KnownTools.None)).Reasoning);
    }

    private static Agent NewAgent(ModelTestBed bed) => new()
    {
        Name = "A",
        Model = bed.Resolve("anthropic:claude-x"),
        Tools = [Tool.Create(() => "7", new ToolOptions { Name = "look" })],
    };

    private static string Canonical(string json) => JsonSerializer.Serialize(JsonElement.Parse(json));

    private static string ShowBlock(JsonElement block) => string.Join(' ', new[] { "type", "thinking", "data", "signature" }
        .Select(name => block.TryGetProperty(name, out var value) ? value.GetString() : null).OfType<string>());

    private static string[] Thought(int index, string text, string signature) =>
    [
        Block(index, """{"type":"thinking","thinking":"","signature":""}"""),
        Delta(index, $$"""{"type":"thinking_delta","thinking":"{{text}}"}"""),
        Delta(index, $$"""{"type":"signature_delta","signature":"{{signature}}"}"""),
        Halt(index),
    ];

    private static string[] Call(int index) =>
    [
        Block(index, """{"type":"tool_use","id":"toolu_1","name":"look","input":{}}"""),
        Delta(index, """{"type":"input_json_delta","partial_json":"{}"}"""),
        Halt(index),
    ];

    private static string Block(int index, string block) => $$"""{"type":"content_block_start","index":{{index}},"content_block":{{block}} }""";

    private static string Delta(int index, string delta) => $$"""{"type":"content_block_delta","index":{{index}},"delta":{{delta}} }""";

    private static string Halt(int index) => $$"""{"type":"content_block_stop","index":{{index}}}""";

    private static string Stop(string reason) => """{"type":"message_delta","delta":{"stop_reason":"REASON","stop_sequence":null},"usage":{"output_tokens":5}}""".Replace("REASON", reason, StringComparison.Ordinal);
}
