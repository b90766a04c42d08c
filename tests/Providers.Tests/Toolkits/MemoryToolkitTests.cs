using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Memory;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Storage;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.Memory;
using Cluster.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Providers.Tests.Toolkits;

public sealed class MemoryToolkitTests
{
    private static readonly MemoryScope Ann = MemoryScope.Of("ann");

    private readonly MemoryUserMemories _memories = new();
    private readonly Toolkit _toolkit;

    public MemoryToolkitTests() => _toolkit = MemoryToolkit.Create(_ => _memories, new StoppedClock());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_remembered_is_found_corrected_and_forgotten()
    {
        var added = JsonElement.Parse(await CallAsync("add_memory", new { memory = "Ann plays chess.", topics = new[] { "hobbies" } }, callId: "c1"));
        await CallAsync("add_memory", new { memory = "Ann lives in Ulm." }, callId: "c2");
        var id = added.Text("memory_id");

        Assert.Equal(
            $$"""{"memories":[{"memory_id":"{{id}}","memory":"Ann plays chess.","topics":["hobbies"],"updated_at":"2026-01-02T03:04:05+00:00"}],"total":1}""",
            await CallAsync("get_memories", new { query = "CHESS" }));
        Assert.Contains("Ulm", await CallAsync("get_memories"), StringComparison.Ordinal);
        Assert.DoesNotContain("Ulm", await CallAsync("get_memories", new { topics = new[] { "hobbies" } }), StringComparison.Ordinal);
        Assert.Equal("Ann plays go.", JsonElement.Parse(await CallAsync("update_memory", new { memory_id = id, memory = "Ann plays go." })).Text("memory"));
        Assert.Equal(["hobbies"], (await _memories.FindAsync(Ann, id, Stop))!.Topics!.Value);
        Assert.Equal($"No memory of the user has the id '{id}' any more.", await CallAsync("delete_memory", new { memory_id = id }));
        Assert.Equal("Nothing like that is remembered about the user.", await CallAsync("get_memories", new { query = "go" }));
    }

    [Fact]
    public async Task A_memory_says_who_remembered_it_and_upon_what()
    {
        await CallAsync("add_memory", new { memory = "x" }, NewContext("ann", "c1") with { Input = new RunInput { InputContent = new string('i', 5_000) } });
        await CallAsync("add_memory", new { memory = "y" }, NewContext("ann", "c2") with { AgentId = "crew", TeamId = "crew" });

        var memories = (await _memories.ListAsync(new UserMemoryQuery(Ann) { Descending = false }, Stop)).Memories;

        Assert.Equal([("agent", null), (null, "crew")], memories.Select(memory => (memory.AgentId, memory.TeamId)));
        Assert.Equal([2_000, null], memories.Select(memory => memory.Input?.Length));
    }

    [Fact]
    public async Task Users_are_those_of_the_run_and_no_argument_names_another()
    {
        var added = JsonElement.Parse(await CallAsync("add_memory", new { memory = "Ann is ill.", user_id = "bob" }, callId: "c1"));
        var (bob, arguments) = (NewContext("bob", "c2"), new { memory_id = added.Text("memory_id"), memory = "mine", user_id = "ann" });

        Assert.Equal("Nothing is remembered about the user yet.", await CallAsync("get_memories", new { user_id = "ann" }, bob));
        await Assert.ThrowsAsync<NotFoundException>(() => CallAsync("update_memory", arguments, bob));
        await CallAsync("delete_memory", arguments, bob);

        Assert.Equal("Ann is ill.", Assert.Single((await _memories.ListAsync(new UserMemoryQuery(MemoryScope.Everyone), Stop)).Memories).Memory);
        Assert.All(_toolkit.Tools, tool => Assert.DoesNotContain("user_id", tool.Parameters.GetRawText(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Runs_without_a_user_remember_for_the_default_one(string? userId)
    {
        await CallAsync("add_memory", new { memory = "x" }, NewContext(userId, "c1"));

        Assert.Equal(1, (await _memories.ListAsync(new UserMemoryQuery(MemoryScope.Of("default")), Stop)).TotalCount);
    }

    [Fact]
    public async Task The_same_call_adds_nothing_twice_and_another_one_does()
    {
        var first = await CallAsync("add_memory", new { memory = "x" }, callId: "c1");

        Assert.Equal(first, await CallAsync("add_memory", new { memory = "x" }, callId: "c1"));
        Assert.NotEqual(first, await CallAsync("add_memory", new { memory = "x" }, callId: "c2"));
        Assert.NotEqual(first, await CallAsync("add_memory", new { memory = "x" }, NewContext("bob", "c1")));
        Assert.NotEqual(first, await CallAsync("add_memory", new { memory = "y" }, callId: "c1"));
        Assert.Equal(3, (await _memories.ListAsync(new UserMemoryQuery(Ann), Stop)).TotalCount);
    }

    [Fact]
    public async Task What_is_no_memory_is_refused()
    {
        object[] refused = [new { memory = " " }, new { memory = new string('x', 5_001) }, new { memory = "x", topics = new[] { "" } }, new { memory = "x", topics = Enumerable.Repeat("t", 21) }];

        foreach (var arguments in refused)
        {
            await Assert.ThrowsAsync<InvalidRequestException>(() => CallAsync("add_memory", arguments));
        }

        await Assert.ThrowsAsync<NotFoundException>(() => CallAsync("update_memory", new { memory_id = "unknown", memory = "x" }));
    }

    [Fact]
    public async Task Memories_are_neither_lost_nor_doubled_by_any_crash()
    {
        var script = new Script
        {
            Text = "{result}",
            Calls =
            [
                new ScriptedCall("add_memory", JsonElement.Parse("""{"memory":"likes tea","topics":["drinks"]}""")),
                new ScriptedCall("add_memory", JsonElement.Parse("""{"memory":"likes tea"}""")),
                new ScriptedCall("update_memory", JsonElement.Parse("""{"memory_id":"old","memory":"moved to Ulm"}""")),
                new ScriptedCall("delete_memory", JsonElement.Parse("""{"memory_id":"gone"}""")),
                new ScriptedCall("get_memories", JsonElement.Parse("{}")),
            ],
        };
        var agent = new Agent { Model = ScriptedModelProvider.Create(script), Toolkits = [_toolkit], ToolCalls = new ToolCallSettings { Parallel = 1 } };

        var report = await CrashPoints.SweepAsync(new CrashScenario(agent, "go") { Reset = Reset, World = World }, Stop);

        report.ThrowIfUnsafe();
        Assert.True(report.Points > 20, report.ToString());
        Assert.Equal("likes tea | likes tea | moved to Ulm", World());
    }

    [Fact]
    public async Task Agents_of_a_file_remember_across_sessions_and_apart_from_other_users()
    {
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(
            file,
            """
            agents:
              - id: writer
                tools: [memory]
                model: {scripted: {text: "{result}", calls: [{tool: add_memory, arguments: {memory: "The user said {input}"}}]}}
              - id: reader
                tools: [{name: memory, include: [get_memories]}]
                model: {scripted: {text: "{result}", calls: [{tool: get_memories, arguments: {}}, {tool: delete_memory, arguments: {memory_id: x}}]}}
            """,
            Stop);
        await using var provider = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .AddEngine().AddModelProviders().AddAgentDefinitions(file).BuildServiceProvider();

        await RunAsync(provider, "writer", "s1", "ann", "tea");

        Assert.Contains("The user said tea", await RunAsync(provider, "reader", "s2", "ann", "?"), StringComparison.Ordinal);
        Assert.Equal("Nothing is remembered about the user yet.", await RunAsync(provider, "reader", "s3", "bob", "?"));
        File.Delete(file);
    }

    private static async Task<string?> RunAsync(ServiceProvider provider, string agentId, string sessionId, string userId, string input)
    {
        var host = provider.GetRequiredService<IRunHost>();
        var request = new RunRequest { RunId = Guid.NewGuid().ToString(), SessionId = sessionId, AgentId = agentId, UserId = userId, Input = new RunInput { InputContent = input } };
        return (await host.WaitAsync(await host.StartAsync(request, Stop), Stop)).Content?.Text;
    }

    private static RunContext NewContext(string? userId, string callId) => ToolCalls.NewContext() with { Scope = new Scope(TenantId.Default, userId), ToolCallId = callId };

    private Task<string> CallAsync(string tool, object? arguments = null, RunContext? context = null, string callId = "call") =>
        _toolkit.CallAsync(tool, arguments, context ?? NewContext("ann", callId));

    /// <summary>The store is in memory, so its tasks have ended when they are given.</summary>
    private void Reset()
    {
        _ = _memories.DeleteAsync(MemoryScope.Everyone, [.. All().Select(memory => memory.MemoryId)]);
        _ = _memories.AddAsync(new UserMemory { MemoryId = "old", Memory = "lives in Bonn", UserId = UserMemory.DefaultUserId });
        _ = _memories.AddAsync(new UserMemory { MemoryId = "gone", Memory = "likes milk", UserId = UserMemory.DefaultUserId });
    }

    private string World() => string.Join(" | ", All().Select(memory => memory.Memory).Order(StringComparer.Ordinal));

    private ImmutableArray<UserMemory> All() => _memories.ListAsync(new UserMemoryQuery(MemoryScope.Everyone) { Limit = 100 }).GetAwaiter().GetResult().Memories;

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    }
}
