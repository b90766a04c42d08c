using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Providers.Tests.Models;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Providers.Tests.Definitions;

public sealed class AgentRunTests : IAsyncLifetime
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.yaml");
    private VendorServer _server = null!;
    private List<RunEvent> _events = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await VendorServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        File.Delete(_file);
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task An_agent_of_a_file_calls_a_tool_and_answers_over_HTTP()
    {
        _server.Stream(
            """{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"call_1","function":{"name":"add","arguments":"{\"a\":2,"}}]}}]}""",
            """{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"b\":3}"}}]},"finish_reason":"tool_calls"}]}""",
            """{"choices":[],"usage":{"prompt_tokens":20,"completion_tokens":8,"total_tokens":28}}""",
            "[DONE]");
        _server.Stream(
            """{"choices":[{"delta":{"reasoning":"easy"}}]}""",
            """{"choices":[{"delta":{"content":"It is "}}]}""",
            """{"choices":[{"delta":{"content":"5."},"finish_reason":"stop"}],"usage":{"prompt_tokens":30,"completion_tokens":4,"total_tokens":34}}""",
            "[DONE]");

        var output = await RunAsync(
            """
            agents:
              - id: adder
                model: vllm:qwen
                instructions: Add.
                tools: [{name: calculator, include: add, effect: pure}]
            """);

        Assert.Equal((RunStatus.Completed, "It is 5.", "easy"), (output.Status, output.Content?.Text, output.ReasoningContent));
        Assert.Equal(("qwen", "VLLM", 62L), (output.Model, output.ModelProvider, output.Metrics?.TotalTokens));
        Assert.Equal(("add", "5", false), (output.Tools?[0].ToolName, output.Tools?[0].Result, output.Tools?[0].ToolCallError));
        Assert.Contains(
            """messages":[{"role":"system","content":"Add."},{"role":"user","content":"2+3?"},{"role":"assistant","content":"","tool_calls":[{"id":"call_1","type":"function","function":{"name":"add","arguments":"{\"a\":2,\"b\":3}"}}]},{"role":"tool","tool_call_id":"call_1","content":"5"}]""",
            _server.Requests[1].Body,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_with_changed_options_waits_for_a_human()
    {
        var output = await RunAsync(
            """
            agents:
              - id: adder
                model: {scripted: {text: "It is {result}.", calls: [{tool: add, arguments: {a: 2, b: 3}}]}}
                tools: [{name: calculator, requires_confirmation: true}]
            """);

        Assert.Equal((RunStatus.Paused, true), (output.Status, output.Tools?[0].RequiresConfirmation));
    }

    [Theory]
    [InlineData("{text: 'It is {result}.', deltas: 2, calls: [{tool: current_time}]}", RunStatus.Completed, "It is 2026-01-02T03:04:05+00:00.")]
    [InlineData("{failure: No mind today}", RunStatus.Error, "No mind today")]
    public async Task A_scripted_model_needs_no_vendor(string script, RunStatus status, string content)
    {
        var output = await RunAsync($"agents:\n  - id: adder\n    tools: [clock]\n    model: {{scripted: {script}}}");

        Assert.Equal((status, content), (output.Status, output.Content?.Text));
        Assert.Empty(_server.Requests);
    }

    [Theory]
    [InlineData("set_session_state, arguments: {key: color, value: [red]}", "{\"count\":1,\"color\":[\"red\"]}")]
    [InlineData("delete_session_state, arguments: {key: count}", "{}")]
    public async Task A_tool_changes_what_the_session_remembers(string call, string state)
    {
        var output = await RunAsync(
            """
            agents:
              - id: adder
                session_state: {count: 1}
                model: {scripted: {text: done, calls: [CALL]}}
                tools: [session_state]
            """.Replace("CALL", $"{{tool: {call}}}", StringComparison.Ordinal));

        Assert.Equal((RunStatus.Completed, false), (output.Status, output.Tools?[0].ToolCallError));
        Assert.Equal(state, output.SessionState?.GetRawText());
    }

    [Fact]
    public async Task A_vendors_refusal_ends_the_run_with_its_words()
    {
        _server.Fail(401, """{"error":{"message":"Bad key"}}""");

        var output = await RunAsync("agents: [{id: adder, model: vllm:qwen}]");

        Assert.Equal((RunStatus.Error, "Bad key"), (output.Status, output.Content?.Text));
        Assert.Contains(_events, next => next is RunError { ErrorType: ModelException.AuthenticationError });
    }

    private async Task<RunOutput> RunAsync(string yaml)
    {
        await File.WriteAllTextAsync(_file, yaml, Stop);
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("VLLM_BASE_URL", (string?)(_server.Url + "/v1"))]).Build());
        services.AddSingleton<TimeProvider>(new JumpingClock());
        services.AddEngine().AddModelProviders().AddAgentDefinitions(_file);
        await using var provider = services.BuildServiceProvider();
        var host = provider.GetRequiredService<IRunHost>();
        var runId = await host.StartAsync(
            new RunRequest
            {
                RunId = Guid.NewGuid().ToString(),
                SessionId = Guid.NewGuid().ToString(),
                AgentId = "adder",
                Input = new RunInput { InputContent = "2+3?" },
            },
            Stop);
        var output = await host.WaitAsync(runId, Stop);
        _events = await host.ReadEventsAsync(runId, cancellationToken: Stop).ToListAsync(Stop);
        return output;
    }
}
