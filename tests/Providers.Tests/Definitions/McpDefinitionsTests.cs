using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;
using Cluster.Providers.Definitions;
using Cluster.Providers.Tests.Mcp;
using Cluster.Providers.Tests.Toolkits;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Providers.Tests.Definitions;

public sealed class McpDefinitionsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private IReadOnlyList<RunEvent> _events = [];
    private Agent? _agent;

    private static string Host => string.Join(", ", McpTestBed.Command().Line);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task An_agent_of_a_file_calls_a_tool_of_a_server_that_ends_with_the_host()
    {
        var output = await RunAsync(
            $$$"""
            agents:
              - id: a
                model: {scripted: {text: "It says {result}.", calls: [{tool: t_env, arguments: {name: SECRET}}]}}
                tools: [{mcp: {name: files, command: [{{{Host}}}], env: {SECRET: "key-${MCP_KEY}"}, cwd: {{{_directory.Path}}}, prefix: t_, include: [env, echo], exclude: [echo]}}]
            """,
            ("MCP_KEY", "4711-0815"));

        Assert.Equal((RunStatus.Completed, "It says key-…."), (output.Status, output.Content?.Text));
        Assert.Equal(("t_env", false), (output.Tools?[0].ToolName, output.Tools?[0].ToolCallError));
        Assert.Equal(["t_env"], _agent!.OfferedTools.Select(tool => tool.Name));
        await Assert.ThrowsAsync<ToolSourceException>(() => _agent.ToolSources.Single().LoadAsync(Stop).AsTask());
    }

    [Fact]
    public async Task Tools_of_a_server_wait_for_a_human_where_the_agent_says_so()
    {
        var output = await RunAsync(
            $$$"""
            agents:
              - id: a
                model: {scripted: {text: done, calls: [{tool: echo, arguments: {text: hi}}]}}
                tools: [{mcp: {name: files, command: [{{{Host}}}]}, requires_confirmation: true, effect: keyed}]
            """);

        Assert.Equal((RunStatus.Paused, true), (output.Status, output.Tools?[0].RequiresConfirmation));
        Assert.All(_agent!.OfferedTools, tool => Assert.Equal(ToolEffect.Keyed, tool.Options.Effect));
    }

    [Fact]
    public async Task Progress_of_a_tool_is_told_to_the_clients_without_secrets()
    {
        await RunAsync(
            $$$"""
            agents:
              - id: a
                model: {scripted: {text: done, calls: [{tool: count}]}}
                tools: [{mcp: {name: files, command: [{{{Host}}}], env: {SECRET: "${MCP_KEY}"} }}]
            """,
            ("MCP_KEY", "s3cret-token"));

        var told = _events.OfType<CustomEvent>().First();
        Assert.Equal(("mcp_progress", "files", "count", "half, …"), (Text(told, "type"), Text(told, "server_name"), Text(told, "tool_name"), Text(told, "message")));
        Assert.Equal((1, 2), (told.Members["progress"].GetDouble(), told.Members["total"].GetDouble()));
        Assert.NotNull(told.ToolCallId);
    }

    [Fact]
    public async Task A_run_goes_on_without_a_server_that_is_down_and_its_clients_are_told_once()
    {
        var output = await RunAsync(
            """
            agents:
              - id: a
                model: {scripted: {text: "Sum {result}.", calls: [{tool: add, arguments: {a: 2, b: 3}}]}}
                tools: [calculator, {mcp: {name: files, url: "http://127.0.0.1:1/mcp", headers: {Authorization: "Bearer ${MCP_KEY}"}}}]
            """,
            ("MCP_KEY", "4711-0815"));

        Assert.Equal((RunStatus.Completed, "Sum 5."), (output.Status, output.Content?.Text));
        var told = Assert.Single(_events.OfType<CustomEvent>());
        Assert.Equal(("toolkit_unavailable", "files"), (Text(told, "type"), Text(told, "server_name")));
        Assert.Equal("The MCP server 'files' is not available. It cannot be reached. Its tools are missing until it is back.", Text(told, "message"));
    }

    [Theory]
    [InlineData("{mcp: {name: x}}", "The MCP server 'x' has neither 'command' nor 'url'. Add one.")]
    [InlineData("{mcp: {name: x, command: y, url: 'http://z'}}", "The MCP server 'x' has both 'command' and 'url'. Take one away.")]
    [InlineData("{mcp: {name: x, url: z}}", "'z' is no address. Write one that begins with http.")]
    [InlineData("{mcp: {name: x, url: 'ftp://z'}}", "The address of the MCP server 'x' is no HTTP address. Correct it.")]
    [InlineData("{mcp: {url: 'http://z'}}", "The MCP server has no 'name'. Add it.")]
    [InlineData("{mcp: {name: x, url: 'http://z', prefx: a}}", "The MCP server has the unknown key 'prefx'. Did you mean 'prefix'?")]
    [InlineData("{mcp: {name: x, url: 'http://z', timeout: 0}}", "'timeout' of the MCP server is '0'. Make it a number of seconds above 0.")]
    [InlineData("{mcp: {name: x, url: 'http://z', headers: {A: '${NO_KEY}'}}}", "'headers' of the MCP server 'x' needs 'NO_KEY'. Set it in the configuration, or as an environment variable.")]
    public void A_mistake_is_named_with_its_place_and_the_remedy(string tool, string message)
    {
        using var reader = new StringReader($"agents:\n  - id: a\n    tools:\n      - {tool}");

        var refusal = Assert.Throws<InvalidRequestException>(() => AgentDefinitions.Load(reader, KnownTools.None));

        Assert.Equal($"agents.yaml, line 4: {message}", refusal.Message);
    }

    private static string? Text(CustomEvent told, string member) => told.Members[member].GetString();

    private async Task<RunOutput> RunAsync(string yaml, params (string Key, string Value)[] secrets)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(secrets.Select(secret => KeyValuePair.Create(secret.Key, (string?)secret.Value))).Build());
        services.AddEngine().AddModelProviders().AddAgentDefinitions(_directory.Add("agents.yaml", yaml));
        await using var provider = services.BuildServiceProvider();
        var host = provider.GetRequiredService<IRunHost>();
        _agent = provider.GetRequiredService<IAgentCatalog>().Agents.Single();
        var runId = await host.StartAsync(
            new RunRequest { RunId = Guid.NewGuid().ToString(), SessionId = Guid.NewGuid().ToString(), AgentId = "a", Input = new RunInput { InputContent = "go" } }, Stop);
        var output = await host.WaitAsync(runId, Stop);
        _events = await host.ReadEventsAsync(runId, cancellationToken: Stop).ToListAsync(Stop);
        return output;
    }
}
