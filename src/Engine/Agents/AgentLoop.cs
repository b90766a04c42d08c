using System.Runtime.CompilerServices;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Agents;

/// <summary>The loop of agents: read the session, assemble the prompt, then model call, tool calls, model call … until the answer.</summary>
/// <param name="services">What the loop works with.</param>
public sealed class AgentLoop(AgentLoopServices services) : IRunLoop
{
    private readonly SessionHistory _history = new(services.Records);

    /// <inheritdoc/>
    public IAsyncEnumerable<RunEvent> StepAsync(RunState state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Request is not { } request || state.IsSettled)
        {
            return AsyncEnumerable.Empty<RunEvent>();
        }

        var agent = services.Agents.Find(request.AgentId);
        var stamp = new EventStamp(agent, request, services.TimeProvider);
        if (state.IsCancelRequested)
        {
            return AsyncEnumerable.ToAsyncEnumerable(Ending.Cancel(state, stamp));
        }

        if (agent is null)
        {
            return AsyncEnumerable.ToAsyncEnumerable(Ending.Fail(stamp, $"The agent '{request.AgentId}' no longer exists.", "AgentNotFoundError"));
        }

        var run = new AgentRun(agent, request, state, stamp);
        var step = StepAsync(run, cancellationToken);
        return agent.Debug == DebugMode.Off ? step : new DebugLog(services, run).FollowAsync(step, cancellationToken);
    }

    private IAsyncEnumerable<RunEvent> StepAsync(AgentRun run, CancellationToken cancellationToken) => run.State.Phase switch
    {
        RunPhase.Accepted => new RunBeginning(services).StepAsync(run, cancellationToken),
        _ when run.State.History.IsDefault => RereadHistoryAsync(run, cancellationToken),
        _ when run.State.Added is { } added => new AddedInput(services, run).CheckAsync(added, cancellationToken),
        _ when ToolLoading.IsNeeded(run) => new ToolLoading(services).StepAsync(run, StepAsync, cancellationToken),
        _ when !run.State.Stages.Untold.IsEmpty => AsyncEnumerable.ToAsyncEnumerable(ReasoningTurn.Tell(run)),
        RunPhase.Model when ReasoningTurn.IsDue(run) => new ReasoningTurn(services).StepAsync(run, cancellationToken),
        RunPhase.Model => new ContextStages(services, run).Next(cancellationToken) ?? new ModelTurn(services).StepAsync(run, cancellationToken),
        RunPhase.Tools => new ToolTurn(new ToolInvocation(services)).StepAsync(run, cancellationToken),
        _ => new AnswerStages(services).Next(run, cancellationToken) ?? new OutputHooks(services).FinishAsync(run, cancellationToken),
    };

    private async IAsyncEnumerable<RunEvent> RereadHistoryAsync(AgentRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return run.Stamp.Mark(new HistoryLoaded(await _history.ReadAsync(run, cancellationToken)));
    }
}
