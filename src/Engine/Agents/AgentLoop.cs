using System.Runtime.CompilerServices;
using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Telemetry;
using Cluster.Engine.Tools;
using Microsoft.Extensions.Options;

namespace Cluster.Engine.Agents;

/// <summary>The loop of agents: read the session, assemble the prompt, then model call, tool calls, model call … until the answer.</summary>
/// <param name="agents">The agents that can run.</param>
/// <param name="models">The models that they name.</param>
/// <param name="sessions">Where the session state is read.</param>
/// <param name="records">Where earlier runs are read.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="telemetry">What traces may tell; null for the defaults.</param>
public sealed class AgentLoop(
    IAgentCatalog agents, ModelCatalog models, ISessionStore sessions, IRunRecords records, TimeProvider timeProvider, IOptions<TelemetryOptions>? telemetry = null)
    : IRunLoop
{
    private readonly SessionHistory _history = new(records);
    private readonly bool _capturesContent = telemetry?.Value.CaptureContent ?? false;

    /// <inheritdoc/>
    public IAsyncEnumerable<RunEvent> StepAsync(RunState state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Request is not { } request || state.IsSettled)
        {
            return AsyncEnumerable.Empty<RunEvent>();
        }

        var agent = agents.Find(request.AgentId);
        var stamp = new EventStamp(agent, request, timeProvider);
        if (state.IsCancelRequested)
        {
            return AsyncEnumerable.ToAsyncEnumerable(Ending.Cancel(state, stamp));
        }

        return agent is null
            ? AsyncEnumerable.ToAsyncEnumerable(Ending.Fail(stamp, $"The agent '{request.AgentId}' no longer exists.", "AgentNotFoundError"))
            : StepAsync(new AgentRun(agent, request, state, stamp), cancellationToken);
    }

    private IAsyncEnumerable<RunEvent> StepAsync(AgentRun run, CancellationToken cancellationToken) => run.State.Phase switch
    {
        RunPhase.Accepted => BeginAsync(run, cancellationToken),
        _ when run.State.History.IsDefault => RereadHistoryAsync(run, cancellationToken),
        RunPhase.Model => new ModelTurn(models, timeProvider, _capturesContent).StepAsync(run, cancellationToken),
        RunPhase.Tools => new ToolTurn(new ToolInvocation(timeProvider, _capturesContent)).StepAsync(run, cancellationToken),
        _ => AsyncEnumerable.ToAsyncEnumerable(Ending.Complete(run.State, run.Stamp)),
    };

    private async IAsyncEnumerable<RunEvent> BeginAsync(AgentRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var startedAt = run.Stamp.UnixTime;
        var (model, refusal) = Resolve(run.Agent);
        if (run.State.Output.Status == RunStatus.Pending)
        {
            yield return run.Stamp.Mark(new RunStarted(model?.Id ?? string.Empty, model?.Provider ?? string.Empty));
        }

        if (refusal is not null)
        {
            yield return Ending.Error(run.Stamp, refusal, ModelException.ProviderError);
            yield break;
        }

        var session = run.State.OpensSession ? null : await sessions.FindAsync(run.Request.SessionId, cancellationToken);
        var context = run.NewContext(new SessionState(InitialState(run, session)));
        context = context with { Dependencies = await DependenciesAsync(run, context, cancellationToken) };

        // A session without costs is one in which no run has ended: there is nothing to read.
        var history = session?.Metrics is null ? [] : await _history.ReadAsync(run, cancellationToken);
        yield return run.Stamp.Mark(new HistoryLoaded(history));

        var prompt = new Prompt(run, context);
        var before = await prompt.BeforeHistoryAsync(cancellationToken);
        yield return run.Stamp.Mark(new PromptAssembled(before, prompt.AfterHistory(), context.State.Value)
        {
            StartedAt = startedAt,
            Dependencies = context.Dependencies,
        });
    }

    private async IAsyncEnumerable<RunEvent> RereadHistoryAsync(AgentRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return run.Stamp.Mark(new HistoryLoaded(await _history.ReadAsync(run, cancellationToken)));
    }

    private (ChatModel? Model, string? Refusal) Resolve(Agent agent)
    {
        try
        {
            return (models.Resolve(agent.Model), null);
        }
        catch (EngineException refusal)
        {
            return (null, refusal.Message);
        }
    }

    /// <summary>Default state below, stored state over it, the request's on top.</summary>
    private static JsonElement InitialState(AgentRun run, SessionRecord? session)
    {
        var settings = run.Agent.SessionState;
        var state = settings.Initial ?? Json.EngineJson.EmptyObject;
        if (!settings.OverwriteStored || run.Request.SessionState is null)
        {
            state = SessionState.Merge(state, session?.SessionState);
        }

        return SessionState.Merge(state, run.Request.SessionState);
    }

    private static async ValueTask<JsonElement> DependenciesAsync(AgentRun run, RunContext context, CancellationToken cancellationToken)
    {
        var settings = run.Agent.Dependencies;
        var values = settings.Values ?? Json.EngineJson.EmptyObject;
        if (settings.Compute is { } compute)
        {
            values = SessionState.Merge(values, await compute(context, cancellationToken));
        }

        return SessionState.Merge(values, run.Request.Dependencies);
    }
}
