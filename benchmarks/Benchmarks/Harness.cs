using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cluster.Benchmarks;

/// <summary>An engine in this process over the store that is measured.</summary>
internal sealed class Harness : IAsyncDisposable
{
    public const string AgentId = "bench";

    private const string CallingAgentId = "bench-calling";

    private readonly ServiceProvider _services;

    private Harness(ServiceProvider services) => _services = services;

    public IRunHost Host => _services.GetRequiredService<IRunHost>();

    public static async Task<Harness> StartAsync(string store, params IEnumerable<Team> teams)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddStore(store);
        services.AddEngine();
        services.AddAgent(new Agent
        {
            Name = "bench",
            Model = ScriptedModelProvider.Create(new Script { Text = "A short answer.", Deltas = 4 }),
            History = new HistorySettings { AddToContext = true },
        });
        services.AddAgent(new Agent
        {
            Name = CallingAgentId,
            Model = ScriptedModelProvider.Create(new Script
            {
                Text = "A short answer.",
                Deltas = 4,
                Calls = [new ScriptedCall("get_weather", JsonElement.Parse("""{"city":"Lisbon"}"""))],
            }),
            Tools = [Tool.Create(GetWeather)],
            History = new HistorySettings { AddToContext = true },
        });
        foreach (var team in teams)
        {
            services.AddTeam(team);
        }

        var harness = new Harness(services.BuildServiceProvider());
        foreach (var hosted in harness._services.GetServices<IHostedService>())
        {
            await hosted.StartAsync(CancellationToken.None);
        }

        return harness;
    }

    /// <summary>Runs the agent once and waits for the answer.</summary>
    public Task RunAsync(string sessionId, CancellationToken cancellationToken) => RunAsync(sessionId, callsTool: false, cancellationToken);

    /// <summary>Runs an agent once, whose model calls a tool before it answers or does not, and waits for the answer.</summary>
    public async Task RunAsync(string sessionId, bool callsTool, CancellationToken cancellationToken)
    {
        var agentId = callsTool ? CallingAgentId : AgentId;
        var runId = await Host.StartAsync(
            new RunRequest { RunId = Guid.NewGuid().ToString(), SessionId = sessionId, AgentId = agentId, Input = new RunInput { InputContent = "Hello" } }, cancellationToken);
        var output = await Host.WaitAsync(runId, cancellationToken);
        if (output.Status != RunStatus.Completed)
        {
            throw new InvalidOperationException($"Run {runId} ended as {output.Status}: {output.Content}");
        }
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private static string GetWeather(string city) => $"It is sunny in {city}.";
}
