using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Providers.Tests.Models;

/// <summary>An agent as an application has it, whose models are on loopback: OpenAI and Anthropic on one server.</summary>
internal sealed class VendorAgent : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly Agent _agent;

    public VendorAgent(VendorServer server, Agent agent, params (string Key, string? Value)[] settings)
    {
        (string Key, string? Value)[] vendors =
        [
            ("Models:openai:BaseUrl", server.Url + "/v1"),
            ("Models:openai:ApiKey", ModelTestBed.Key),
            ("Models:anthropic:BaseUrl", server.Url),
            ("Models:anthropic:ApiKey", ModelTestBed.Key),
        ];
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(vendors.Concat(settings).Select(setting => KeyValuePair.Create(setting.Key, setting.Value))).Build());
        services.AddSingleton<TimeProvider>(Clock);
        _agent = agent;
        _services = services.AddEngine().AddModelProviders().AddAgent(agent).BuildServiceProvider();
    }

    public JumpingClock Clock { get; } = new();

    public IRunHost Host => _services.GetRequiredService<IRunHost>();

    /// <summary>Gets the public events of the last run.</summary>
    public IReadOnlyList<RunEvent> Events { get; private set; } = [];

    /// <summary>Gets what clients heard of the last run.</summary>
    public string Heard => string.Join('|', Events.OfType<RunContent>().Select(piece => piece.Content?.ToString() ?? piece.ReasoningContent));

    public Task<string> StartAsync(string input = "hi", string? sessionId = null) => Host.StartAsync(
        new RunRequest
        {
            RunId = Guid.NewGuid().ToString(),
            SessionId = sessionId ?? Guid.NewGuid().ToString(),
            AgentId = _agent.AgentId,
            Input = new RunInput { InputContent = input },
        },
        TestContext.Current.CancellationToken);

    public async Task<RunOutput> RunAsync(string input = "hi") => await EndAsync(await StartAsync(input));

    public async Task<RunOutput> RunInAsync(string sessionId, string input) => await EndAsync(await StartAsync(input, sessionId));

    public async Task<RunOutput> EndAsync(string runId)
    {
        Events = await Host.ReadEventsAsync(runId, cancellationToken: TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        return await Host.WaitAsync(runId, TestContext.Current.CancellationToken);
    }

    public Task CancelAsync(string runId) => Host.CancelAsync(runId, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync() => await _services.DisposeAsync();
}
