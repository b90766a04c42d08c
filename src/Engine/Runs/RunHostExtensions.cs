using System.Runtime.CompilerServices;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Sessions;
using Cluster.Engine.Teams;

namespace Cluster.Engine.Runs;

/// <summary>The common ways to use a run host: ask an agent, and wait for the answer or read along.</summary>
public static class RunHostExtensions
{
    /// <summary>Runs an agent and waits for the answer. A model that fails is told by the status, not by an exception.</summary>
    /// <param name="host">Where the agent runs.</param>
    /// <param name="agentId">The agent.</param>
    /// <param name="message">What is asked of it.</param>
    /// <param name="sessionId">The conversation to go on with; null for a new one.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>What the run amounts to.</returns>
    /// <exception cref="EngineException">The agent cannot run, for instance because it does not exist or its model is not configured.</exception>
    public static async Task<RunOutput> RunAsync(
        this IRunHost host, string agentId, RunInput message, string? sessionId = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(host);
        return await host.RunAsync(NewRequest(agentId, SessionType.Agent, message, sessionId), cancellationToken);
    }

    /// <summary>Runs a team and waits for the answer. A model that fails is told by the status, not by an exception.</summary>
    /// <param name="host">Where the team runs.</param>
    /// <param name="teamId">The team.</param>
    /// <param name="message">What is asked of it.</param>
    /// <param name="sessionId">The conversation to go on with; null for a new one.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>What the run amounts to, with the runs of the members.</returns>
    /// <exception cref="EngineException">The team cannot run, for instance because it does not exist or its model is not configured.</exception>
    public static Task<RunOutput> RunTeamAsync(
        this IRunHost host, string teamId, RunInput message, string? sessionId = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.RunAsync(NewRequest(teamId, SessionType.Team, message, sessionId), cancellationToken);
    }

    internal static Task<RunOutput> RunAsync(this IRunHost host, Agent agent, RunInput message, string? sessionId, CancellationToken cancellationToken) =>
        host.RunAsync(NewRequest(agent.AgentId, TypeOf(agent), message, sessionId), cancellationToken);

    internal static IAsyncEnumerable<RunEvent> RunStreamingAsync(this IRunHost host, Agent agent, RunInput message, string? sessionId, CancellationToken cancellationToken) =>
        host.RunStreamingAsync(NewRequest(agent.AgentId, TypeOf(agent), message, sessionId) with { Streamed = true }, cancellationToken);

    private static async Task<RunOutput> RunAsync(this IRunHost host, RunRequest request, CancellationToken cancellationToken)
    {
        var runId = await host.StartAsync(request, cancellationToken);
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
    /// <param name="host">Where the agent runs.</param>
    /// <param name="agentId">The agent.</param>
    /// <param name="message">What is asked of it.</param>
    /// <param name="sessionId">The conversation to go on with; null for a new one.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>The events, until the run ends or waits for a human.</returns>
    /// <exception cref="EngineException">The agent cannot run, for instance because it does not exist or its model is not configured.</exception>
    public static IAsyncEnumerable<RunEvent> RunStreamingAsync(
        this IRunHost host, string agentId, RunInput message, string? sessionId = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.RunStreamingAsync(NewRequest(agentId, SessionType.Agent, message, sessionId) with { Streamed = true }, cancellationToken);
    }

    /// <summary>Runs a team and gives its events, and those of its members, as they happen.</summary>
    /// <param name="host">Where the team runs.</param>
    /// <param name="teamId">The team.</param>
    /// <param name="message">What is asked of it.</param>
    /// <param name="sessionId">The conversation to go on with; null for a new one.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>The events, until the run ends or waits for a human.</returns>
    /// <exception cref="EngineException">The team cannot run, for instance because it does not exist or its model is not configured.</exception>
    public static IAsyncEnumerable<RunEvent> RunTeamStreamingAsync(
        this IRunHost host, string teamId, RunInput message, string? sessionId = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.RunStreamingAsync(NewRequest(teamId, SessionType.Team, message, sessionId) with { Streamed = true }, cancellationToken);
    }

    private static async IAsyncEnumerable<RunEvent> RunStreamingAsync(
        this IRunHost host, RunRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var runId = await host.StartAsync(request, cancellationToken);
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

    private static SessionType TypeOf(Agent agent) => agent is Team ? SessionType.Team : SessionType.Agent;

    private static RunRequest NewRequest(string componentId, SessionType type, RunInput message, string? sessionId) => new()
    {
        RunId = RandomId.NewAt(TimeProvider.System.GetUtcNow()),
        SessionId = sessionId ?? RandomId.NewAt(TimeProvider.System.GetUtcNow()),
        AgentId = componentId,
        ComponentType = type,
        Input = message,
    };
}
