using System.Runtime.CompilerServices;
using Cluster.Engine.Errors;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Storage;

namespace Cluster.Engine.Agents;

/// <summary>Runs agents without any server: each agent object remembers its own sessions, in memory, as long as it lives.</summary>
public static class AgentRunExtensions
{
    private static readonly ConditionalWeakTable<Agent, InProcessRunHost> Hosts = [];

    /// <summary>Runs an agent and waits for the answer. A model that fails is told by the status, not by an exception.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="message">What is asked of it.</param>
    /// <param name="sessionId">The conversation to go on with; null for a new one.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>What the run amounts to.</returns>
    /// <exception cref="EngineException">The agent cannot run, for instance because its model is not configured.</exception>
    public static async Task<RunOutput> RunAsync(this Agent agent, string message, string? sessionId = null, CancellationToken cancellationToken = default)
    {
        var host = HostOf(agent);
        var runId = await host.StartAsync(NewRequest(agent, message, sessionId), cancellationToken);
        try
        {
            return await host.WaitAsync(runId, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await host.CancelAsync(runId, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Runs an agent and gives its events as they happen.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="message">What is asked of it.</param>
    /// <param name="sessionId">The conversation to go on with; null for a new one.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>The events, until the run ends or waits for a human.</returns>
    /// <exception cref="EngineException">The agent cannot run, for instance because its model is not configured.</exception>
    public static async IAsyncEnumerable<RunEvent> RunStreamingAsync(
        this Agent agent, string message, string? sessionId = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var host = HostOf(agent);
        var runId = await host.StartAsync(NewRequest(agent, message, sessionId) with { Streamed = true }, cancellationToken);
        try
        {
            await foreach (var next in host.ReadEventsAsync(runId, cancellationToken: cancellationToken))
            {
                yield return next;
            }
        }
        finally
        {
            // A registration with the token would be gone before it is called: whoever reads resumes inside the cancellation.
            if (cancellationToken.IsCancellationRequested)
            {
                await host.CancelAsync(runId, CancellationToken.None);
            }
        }
    }

    private static RunRequest NewRequest(Agent agent, string message, string? sessionId) => new()
    {
        RunId = Guid.NewGuid().ToString(),
        SessionId = sessionId ?? Guid.NewGuid().ToString(),
        AgentId = agent.AgentId,
        Input = new RunInput { InputContent = message },
    };

    private static InProcessRunHost HostOf(Agent agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return Hosts.GetValue(agent, NewHost);
    }

    private static InProcessRunHost NewHost(Agent agent)
    {
        var store = new MemoryStore();
        var catalog = new AgentCatalog([agent]);
        var models = new ModelCatalog([new ScriptedModelProvider()]);
        var loop = new AgentLoop(catalog, models, store, store, TimeProvider.System);
        return new InProcessRunHost(loop, store, store, store, new RunAdmission(catalog, models, TimeProvider.System), TimeProvider.System);
    }
}
