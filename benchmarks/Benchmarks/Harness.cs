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

    private readonly ServiceProvider _services;

    private Harness(ServiceProvider services) => _services = services;

    public IRunHost Host => _services.GetRequiredService<IRunHost>();

    public IServiceProvider Services => _services;

    public static Task<Harness> StartAsync(string store, params IEnumerable<Team> teams) => StartWithAsync(store, NewAgent(AgentId, withTool: false), teams);

    /// <summary>Makes an agent that shows the last three runs to its model, and calls a tool once if it has one.</summary>
    public static Agent NewAgent(string id, bool withTool) => new()
    {
        Id = id,
        Name = id,
        Model = ScriptedModelProvider.Create(new Script
        {
            Text = "A short answer.",
            Deltas = 4,
            Calls = withTool ? [new ScriptedCall("get_weather", JsonElement.Parse("""{"city":"Rome"}"""))] : [],
        }),
        Tools = withTool ? [Tool.Create(GetWeather, new ToolOptions { Name = "get_weather", Effect = ToolEffect.Pure })] : [],
        History = new HistorySettings { AddToContext = true },
    };

    public static async Task<Harness> StartWithAsync(string store, Agent agent, params IEnumerable<Team> teams)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddStore(store);
        services.AddEngine();
        services.AddAgent(agent);
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
    /// <returns>The run's id.</returns>
    public async Task<string> RunAsync(string sessionId, CancellationToken cancellationToken)
    {
        var runId = await Host.StartAsync(
            new RunRequest { RunId = Guid.NewGuid().ToString(), SessionId = sessionId, AgentId = AgentId, Input = new RunInput { InputContent = "Hello" } }, cancellationToken);
        var output = await Host.WaitAsync(runId, cancellationToken);
        if (output.Status != RunStatus.Completed)
        {
            throw new InvalidOperationException($"Run {runId} ended as {output.Status}: {output.Content}");
        }

        return runId;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private static string GetWeather(string city) => $"It is sunny in {city}.";
}
