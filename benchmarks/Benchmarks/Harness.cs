using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
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
    public async Task RunAsync(string sessionId, CancellationToken cancellationToken)
    {
        var runId = await Host.StartAsync(
            new RunRequest { RunId = Guid.NewGuid().ToString(), SessionId = sessionId, AgentId = AgentId, Input = new RunInput { InputContent = "Hello" } }, cancellationToken);
        var output = await Host.WaitAsync(runId, cancellationToken);
        if (output.Status != RunStatus.Completed)
        {
            throw new InvalidOperationException($"Run {runId} ended as {output.Status}: {output.Content}");
        }
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
