using System.Runtime.CompilerServices;
using Cluster.Engine.Errors;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Storage;

namespace Cluster.Engine.Agents;

/// <summary>Runs agents and teams without any server: each of them remembers its own sessions, in memory, as long as it lives.</summary>
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
    public static Task<RunOutput> RunAsync(this Agent agent, RunInput message, string? sessionId = null, CancellationToken cancellationToken = default) =>
        HostOf(agent).RunAsync(agent, message, sessionId, cancellationToken);

    /// <summary>Runs an agent and gives its events as they happen.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="message">What is asked of it.</param>
    /// <param name="sessionId">The conversation to go on with; null for a new one.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>The events, until the run ends or waits for a human.</returns>
    /// <exception cref="EngineException">The agent cannot run, for instance because its model is not configured.</exception>
    public static IAsyncEnumerable<RunEvent> RunStreamingAsync(
        this Agent agent, RunInput message, string? sessionId = null, CancellationToken cancellationToken = default) =>
        HostOf(agent).RunStreamingAsync(agent, message, sessionId, cancellationToken);

    /// <summary>Gives the host in which the agent's own sessions are, for whoever wants more than to run it.</summary>
    /// <param name="agent">The agent.</param>
    /// <returns>The host; the same for the same agent.</returns>
    public static IRunHost ToRunHost(this Agent agent) => HostOf(agent);

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
        InProcessRunHost? host = null;
        var loop = new AgentLoop(new AgentLoopServices(catalog, models, store, store, TimeProvider.System) { Members = () => host!.Members, Approvals = store });
        return host = new InProcessRunHost(loop, store, store, store, new RunAdmission(TenantId.Default, catalog, models, TimeProvider.System, store), TimeProvider.System);
    }
}
