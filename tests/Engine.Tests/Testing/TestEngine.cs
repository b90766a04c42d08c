using Cluster.Engine.Agents;
using Cluster.Engine.Caching;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Engine.Storage;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cluster.Engine.Tests.Testing;

/// <summary>The whole engine around one agent and one model that the test speaks for.</summary>
internal sealed class TestEngine : IAsyncDisposable
{
    public const string SessionId = "session";

    private readonly Agent _given;

    public TestEngine(Agent agent, MemoryStore? store = null, TimeProvider? time = null, ChannelChatClient? model = null, IRunLog? log = null,
        UnreliableStore? reads = null, Func<AgentLoopServices, AgentLoopServices>? configure = null)
    {
        Time = time ?? TimeProvider.System;
        Store = store ?? new MemoryStore();
        Log = log ?? Store;
        Model = model ?? new ChannelChatClient();
        _given = agent;
        Agent = agent.Model is null ? agent with { Model = NewModel(Model) } : agent;
        var catalog = new AgentCatalog([Agent]);
        var models = new ModelCatalog([new ScriptedModelProvider()]);
        IRunRecords records = reads is null ? Store : reads;
        ISessionStore sessions = reads is null ? Store : reads;
        var services = new AgentLoopServices(catalog, models, sessions, records, Time) { Members = () => Host!.Members, Approvals = Store };
        services = configure?.Invoke(services) ?? services;
        Cache = services.Cache;
        Loop = new AgentLoop(services);
        Services = new RunOwnerServices(Loop, Log, sessions, Time, NullLogger.Instance);
        Host = new InProcessRunHost(Loop, Log, Store, sessions, new RunAdmission(TenantId.Default, catalog, models, Time, Store), Time);
    }

    public Agent Agent { get; }

    public ChannelChatClient Model { get; }

    public MemoryStore Store { get; }

    public IResultCache Cache { get; }

    public IRunLog Log { get; }

    public TimeProvider Time { get; }

    public AgentLoop Loop { get; }

    public RunOwnerServices Services { get; }

    public InProcessRunHost Host { get; }

    public static ChatModel NewModel(ChannelChatClient client) => new() { Id = "model-1", Name = "Test", Provider = "Tester", Client = client };

    public RunRequest NewRequest(string input = "hi", string sessionId = SessionId) => new()
    {
        RunId = Guid.NewGuid().ToString(),
        SessionId = sessionId,
        AgentId = Agent.AgentId,
        ComponentType = Agent is Team ? SessionType.Team : SessionType.Agent,
        Input = new RunInput { InputContent = input },
    };

    public Task<string> StartAsync(string input = "hi", string sessionId = SessionId) => Host.StartAsync(NewRequest(input, sessionId), Patience.Token);

    public async Task<RunOutput> RunAsync(RunRequest request) => await WaitAsync(await Host.StartAsync(request, Patience.Token));

    public Task<RunOutput> RunAsync(string input = "hi", string sessionId = SessionId) => RunAsync(NewRequest(input, sessionId));

    public Task<RunOutput> WaitAsync(string runId) => Host.WaitAsync(runId, Patience.Token);

    public async Task<List<RunEvent>> EventsAsync(string runId, long afterIndex = -1) =>
        await Host.ReadEventsAsync(runId, afterIndex, Patience.Token).ToListAsync(Patience.Token);

    public async Task<List<RunEvent>> LogAsync(string runId) => [.. (await Store.ReadAsync(runId))!.Events];

    /// <summary>Runs the agent and gives its public events.</summary>
    public async Task<List<RunEvent>> StreamAsync(string input = "hi", string sessionId = SessionId) => await EventsAsync(await StartAsync(input, sessionId));

    /// <summary>Answers a paused team.</summary>
    public async Task<RunOutput> AnswerAsync(string runId, params RunRequirement[] requirements)
    {
        await Host.ContinueAsync(new RunContinuation(runId) { Requirements = [.. requirements] }, Patience.Token);
        return await WaitAsync(runId);
    }

    public async Task<RunOutput> ContinueAsync(string runId, params ToolExecution[] tools)
    {
        await Host.ContinueAsync(new RunContinuation(runId, [.. tools]), Patience.Token);
        return await WaitAsync(runId);
    }

    /// <summary>Gives an engine of the same agent over the same store, as the next process would have it.</summary>
    public TestEngine Successor(ChannelChatClient? model = null) => new(_given is Team ? _given : _given with { Model = null }, Store, Time, model ?? Model);

    public async ValueTask DisposeAsync() => await Host.DisposeAsync();
}
