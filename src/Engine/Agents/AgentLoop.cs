using System.Runtime.CompilerServices;
using Cluster.Engine.Approvals;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using Cluster.Engine.Teams.Tasks;

namespace Cluster.Engine.Agents;

/// <summary>The loop of agents, and of teams, whose leader is one: read the session, assemble the prompt, then model call, tool calls, model call … until the answer.</summary>
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

        var agent = services.Agents.Find(request);
        var stamp = new EventStamp(agent, request, services.TimeProvider);
        AgentRun NewRun(Agent who) => new(who, request, state, stamp) { MaxStateBytes = services.Limits.StateBytes, Contents = services.Media };
        if (request.IsOfTeam)
        {
            var team = agent is null ? Missing(request, stamp, "TeamNotFoundError") : Follow(NewRun(agent), cancellationToken);
            return new TeamSteps(services, state, stamp).FollowAsync(state.IsCancelRequested ? null : team, cancellationToken);
        }

        if (state.IsCancelRequested)
        {
            return CancelAsync(state, stamp);
        }

        return agent is null ? Missing(request, stamp, "AgentNotFoundError") : Follow(NewRun(agent), cancellationToken);
    }

    private async IAsyncEnumerable<RunEvent> CancelAsync(RunState state, EventStamp stamp)
    {
        await new ApprovalClosing(services.Approvals).CloseAsync(state, stamp.UnixSeconds);
        foreach (var next in Ending.Cancel(state, stamp))
        {
            yield return next;
        }
    }

    private static IAsyncEnumerable<RunEvent> Missing(RunRequest request, EventStamp stamp, string errorType) =>
        AsyncEnumerable.ToAsyncEnumerable(Ending.Fail(stamp, $"The {request.ComponentType.ToString().ToLowerInvariant()} '{request.AgentId}' no longer exists.", errorType));

    private IAsyncEnumerable<RunEvent> Follow(AgentRun run, CancellationToken cancellationToken)
    {
        var (agent, step) = (run.Agent, StepAsync(run, cancellationToken));
        return agent.Debug == DebugMode.Off ? step : new DebugLog(services, run).FollowAsync(step, cancellationToken);
    }

    private IAsyncEnumerable<RunEvent> StepAsync(AgentRun run, CancellationToken cancellationToken) => run.State.Phase switch
    {
        RunPhase.Accepted => new RunBeginning(services).StepAsync(run, cancellationToken),
        _ when run.State.History.IsDefault => RereadHistoryAsync(run, cancellationToken),
        _ when run.State.Added is { } added => new AddedInput(services, run).CheckAsync(added, cancellationToken),
        _ when ToolLoading.IsNeeded(run) => new ToolLoading(services).StepAsync(run, StepAsync, cancellationToken),
        _ when !run.State.Stages.Untold.IsEmpty => AsyncEnumerable.ToAsyncEnumerable(ReasoningTurn.Tell(run)),
        not RunPhase.Tools when run.State.Team.IsContinuing => AsyncEnumerable.ToAsyncEnumerable<RunEvent>([run.Stamp.Mark(new RunContinued())]),
        RunPhase.Model when TaskIterations.IsDue(run) => AsyncEnumerable.ToAsyncEnumerable(TaskIterations.Begin(run)),
        RunPhase.Model when ReasoningTurn.IsDue(run) => new ReasoningTurn(services).StepAsync(run, cancellationToken),
        RunPhase.Model => new ContextStages(services, run).Next(cancellationToken) ?? new ModelTurn(services).StepAsync(run, cancellationToken),
        RunPhase.Tools => new ToolTurn(new ToolInvocation(services)).StepAsync(run, cancellationToken),
        _ when TaskIterations.Next(run) is { } looking => AsyncEnumerable.ToAsyncEnumerable(looking),
        _ => new AnswerStages(services).Next(run, cancellationToken) ?? new OutputHooks(services).FinishAsync(run, cancellationToken),
    };

    private async IAsyncEnumerable<RunEvent> RereadHistoryAsync(AgentRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return run.Stamp.Mark(new HistoryLoaded(await _history.ReadAsync(run, cancellationToken)));
    }
}
