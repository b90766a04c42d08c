using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;
using static Cluster.Providers.Tests.Models.Wire.WireVariant;

namespace Cluster.Providers.Tests.Models.Wire;

/// <summary>What models want back in later turns, within a run and in later runs of the session.</summary>
public sealed class ReturnedThoughtTests : IAsyncLifetime
{
    private const string Call = "{\"tool_calls\":[{\"index\":0,\"id\":\"call_0\",\"type\":\"function\",\"function\":{\"name\":\"look\",\"arguments\":\"{}\"}}]}";
    private const string Signed = "{\"tool_calls\":[{\"index\":0,\"id\":\"call_0\",\"type\":\"function\",\"function\":{\"name\":\"look\",\"arguments\":\"{}\"},\"extra_content\":{\"google\":{\"thought_signature\":\"sig==\"}}}]}";
    private const string Details = "{\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"hm\",\"signature\":\"s\",\"format\":\"google-gemini-v1\",\"index\":0},{\"type\":\"reasoning.encrypted\",\"data\":\"e==\",\"id\":\"call_0\",\"format\":\"google-gemini-v1\",\"index\":0}]";

    private VendorServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await VendorServer.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("deepseek", "hm", "\"reasoning_content\":\"hm\"")]
    [InlineData("deepseek", "", "\"reasoning_content\":\"\"")]
    [InlineData("kimi", "hm", "\"reasoning_content\":\"hm\"")]
    [InlineData("kimi", "", "\"reasoning_content\":\" \"")]
    public async Task Thoughts_that_led_to_calls_go_back_in_the_run_and_in_later_ones(string vendor, string thought, string expected)
    {
        Say($"{{\"reasoning_content\":\"{thought}\"}}", Call);
        Say("{\"reasoning_content\":\"so\"}", "{\"content\":\"1\"}");
        Say("{\"content\":\"2\"}");
        await using var agent = NewAgent(vendor);

        await RunTwiceAsync(agent);

        Assert.All(_server.Requests.Skip(1), request => Assert.Contains(expected, Caller(request), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("mistral")]
    [InlineData("groq")]
    public async Task Vendors_that_want_no_thoughts_get_none(string vendor)
    {
        Say("{\"reasoning_content\":\"hm\"}", Call);
        Say("{\"content\":\"1\"}");
        Say("{\"content\":\"2\"}");
        await using var agent = NewAgent(vendor);

        await RunTwiceAsync(agent);

        Assert.All(_server.Requests, request => Assert.DoesNotContain("reasoning", request.Body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_vendor_can_be_configured_to_get_its_thoughts_back()
    {
        Say("{\"reasoning_content\":\"hm\"}", Call);
        Say("{\"content\":\"1\"}");
        Say("{\"content\":\"2\"}");
        await using var agent = NewAgent("mine", ("Models:mine:ReturnReasoning", "WithToolCalls"));

        await RunTwiceAsync(agent);

        Assert.All(_server.Requests.Skip(1), request => Assert.Contains("\"reasoning_content\":\"hm\"", Caller(request), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("openrouter", true)]
    [InlineData("mistral", false)]
    public async Task Details_of_thoughts_go_back_as_they_were_to_whom_they_came_from(string vendor, bool goesBack)
    {
        Say(Details + "}", Call);
        Say("{\"content\":\"1\"}");
        Say("{\"content\":\"2\"}");
        await using var agent = NewAgent(vendor);

        await RunTwiceAsync(agent);

        Assert.All(_server.Requests.Skip(1), request => Assert.Equal(goesBack, Caller(request).Contains(Details[1..], StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Details_that_came_in_pieces_go_back_whole()
    {
        Say(
            "{\"reasoning\":\"h\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"h\",\"format\":\"f\",\"index\":0}]}",
            "{\"reasoning\":\"m\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"m\",\"format\":\"f\",\"index\":0}]}",
            "{\"reasoning_details\":[{\"type\":\"reasoning.text\",\"signature\":\"s\",\"format\":\"f\",\"index\":0}]}",
            Call);
        Say("{\"content\":\"1\"}");
        Say("{\"content\":\"2\"}");
        await using var agent = NewAgent("openrouter");

        await RunTwiceAsync(agent);

        Assert.All(_server.Requests.Skip(1), request => Assert.Equal(
            """[{"type":"reasoning.text","text":"hm","format":"f","index":0,"signature":"s"}]""",
            JsonElement.Parse(Caller(request)).GetProperty("reasoning_details").GetRawText()));
    }

    [Theory]
    [InlineData("gemini", true)]
    [InlineData("openai", true)]
    [InlineData("mistral", false)]
    public async Task A_signature_of_a_call_goes_back_with_the_call(string vendor, bool goesBack)
    {
        Say(Signed);
        Say("{\"content\":\"1\"}");
        Say("{\"content\":\"2\"}");
        await using var agent = NewAgent(vendor);

        await RunTwiceAsync(agent);

        Assert.All(_server.Requests.Skip(1), request => Assert.Equal(goesBack, Caller(request).Contains("\"extra_content\":{\"google\":{\"thought_signature\":\"sig==\"}}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Calls_that_are_numbered_anew_in_each_run_are_shown_under_ids_of_their_own()
    {
        for (var run = 0; run < 3; run++)
        {
            Say(Call);
            Say("{\"content\":\"done\"}");
        }

        await using var agent = NewAgent("openai");
        await RunTwiceAsync(agent);
        await agent.RunInAsync("s", "again");

        var messages = JsonElement.Parse(_server.Requests[^1].Body).GetProperty("messages").EnumerateArray().ToArray();
        var calls = messages.Where(message => message.TryGetProperty("tool_calls", out _)).Select(message => message.GetProperty("tool_calls")[0].GetProperty("id").GetString()).ToArray();
        Assert.Equal(3, calls.Distinct().Count());
        Assert.Equal(calls, messages.Where(message => message.TryGetProperty("tool_call_id", out _)).Select(message => message.GetProperty("tool_call_id").GetString()));
    }

    [Fact]
    public async Task Ids_are_written_as_the_next_vendor_takes_them()
    {
        Say(Call.Replace("call_0", "chatcmpl-tool-0123456789abcdef0123456789abcdef", StringComparison.Ordinal));
        _server.Fail(500, "no").Fail(500, "no").Fail(500, "no");
        Say("{\"content\":\"1\"}");
        await using var agent = NewAgent("ollama", agent => agent with { Fallbacks = new FallbackSettings { OnError = ["mistral:m"] } });

        await agent.RunInAsync("s", "hi");

        var caller = JsonElement.Parse(Caller(_server.Requests[^1])).GetProperty("tool_calls")[0].GetProperty("id").GetString();
        Assert.Matches("^[a-zA-Z0-9]{9}$", caller);
        Assert.Contains($"\"tool_call_id\":\"{caller}\"", _server.Requests[^1].Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("I think so.\n</think>\n\n{\"a\":1}")]
    [InlineData("</think>{\"a\":1}")]
    [InlineData("hm</thinking>{\"a\":1}")]
    public async Task A_closing_tag_alone_ends_thoughts_and_the_object_is_what_follows(string said)
    {
        Say(said.Chunk(5).Select(piece => $"{{\"content\":{JsonSerializer.Serialize(new string(piece))}}}").ToArray());
        await using var agent = NewAgent("vllm", agent => agent with { Output = new OutputSettings { Schema = OutputSchema.FromJson(JsonElement.Parse("""{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}""")) } });

        var run = await agent.RunInAsync("s", "hi");

        Assert.Equal("""{"a":1}""", run.Content?.Json?.GetRawText());
    }

    [Fact]
    public async Task A_malformed_call_is_tried_again()
    {
        Say("MALFORMED_FUNCTION_CALL", ["{\"content\":\"\"}"]);
        Say("{\"content\":\"fine\"}");
        await using var agent = NewAgent("openai");

        var run = await agent.RunInAsync("s", "hi");

        Assert.Equal((RunStatus.Completed, "fine"), (run.Status, run.Content?.Text));
    }

    [Fact]
    public async Task A_null_for_a_member_that_may_be_missing_is_a_member_that_is_missing()
    {
        Say("{\"content\":\"{\\\"a\\\":1,\\\"b\\\":null}\"}");
        var schema = OutputSchema.FromJson(JsonElement.Parse("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["a"]}"""));
        await using var agent = NewAgent("openai", agent => agent with { Output = new OutputSettings { Schema = schema } });

        Assert.Equal("""{"a":1}""", (await agent.RunInAsync("s", "hi")).Content?.Json?.GetRawText());
    }

    private void Say(params string[] deltas) => Say("stop", deltas);

    private void Say(string reason, string[] deltas) => _server.Stream([.. deltas.Select(delta => Chunk(delta)), Chunk("{}", $"\"{reason}\""), "[DONE]"]);

    private static string Caller(VendorRequest request) =>
        JsonElement.Parse(request.Body).GetProperty("messages").EnumerateArray().First(message => message.TryGetProperty("tool_calls", out _)).GetRawText();

    private static async Task RunTwiceAsync(VendorAgent agent)
    {
        await agent.RunInAsync("s", "first");
        await agent.RunInAsync("s", "second");
    }

    private VendorAgent NewAgent(string vendor, params (string Key, string? Value)[] settings) => NewAgent(vendor, agent => agent, settings);

    private VendorAgent NewAgent(string vendor, Func<Agent, Agent> change, params (string Key, string? Value)[] settings) => new(
        _server,
        change(new Agent
        {
            Model = $"{vendor}:m",
            History = new HistorySettings { AddToContext = true },
            Tools = [Tool.Create(() => "7", new ToolOptions { Name = "look" })],
        }),
        [
            .. new[] { vendor, "mistral" }.Distinct().Except(["openai"]).SelectMany(name => new (string, string?)[] { ($"Models:{name}:BaseUrl", _server.Url + "/v1"), ($"Models:{name}:ApiKey", ModelTestBed.Key) }),
            .. settings,
        ]);
}
