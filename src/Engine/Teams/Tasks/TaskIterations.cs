using Cluster.Engine.Agents;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Teams.Tasks;

/// <summary>
/// Lets a leader look at its list of tasks again and again until the goal is reached, no task can go on, or it has looked often enough. Each time it works as
/// an agent does, until it has answered.
/// </summary>
internal static class TaskIterations
{
    /// <summary>Tells whether the leader has to look at its list before the model is asked.</summary>
    public static bool IsDue(AgentRun run) => run is { Team.Mode: TeamMode.Tasks, State: { Phase: RunPhase.Model, Team.Iteration: 0 } };

    /// <summary>Begins the first look. A list that an earlier run of the session has finished is put away.</summary>
    public static IEnumerable<RunEvent> Begin(AgentRun run)
    {
        var list = TaskList.Read(run.State.SessionState);
        if (list.Tasks.Length > 0 && list.IsDone)
        {
            var state = run.NewState(run.State.SessionState);
            state.Remove(TaskList.Key);
            yield return run.Stamp.Mark(new SessionStateRead(state.Kept));
        }
        else if (list.Tasks.Length > 0)
        {
            yield return Show(run, list);
        }

        yield return run.Stamp.Mark(new TaskIterationStarted(1, run.Team!.MaxIterations));
    }

    /// <summary>Ends a look, and begins the next one when there is something left to do.</summary>
    /// <returns>The events; null when the run can end.</returns>
    public static IEnumerable<RunEvent>? Next(AgentRun run)
    {
        var work = run.State.Team;
        if (run.Team is not { Mode: TeamMode.Tasks } team || work.Iteration == 0)
        {
            return null;
        }

        var list = TaskList.Read(run.State.SessionState);
        if (work.EndedIterations < work.Iteration)
        {
            return End(run, team, list);
        }

        return list.IsDone || work.Iteration >= team.MaxIterations ? null :
        [
            Show(run, list),
            run.Stamp.Mark(new TaskIterationStarted(work.Iteration + 1, team.MaxIterations)),
        ];
    }

    /// <summary>What the events do to the state of the run.</summary>
    public static RunState Fold(RunState state, RunEvent next) => next switch
    {
        TaskIterationStarted started => state with
        {
            Phase = RunPhase.Model,
            Team = state.Team with { Iteration = started.Iteration },

            // The answer is what the leader says when it has looked for the last time.
            Output = started.Iteration > 1 ? state.Output with { Content = null } : state.Output,
        },
        TaskIterationCompleted ended => state with { Team = state.Team with { EndedIterations = ended.Iteration } },
        _ => state,
    };

    private static IEnumerable<RunEvent> End(AgentRun run, Team team, TaskList list)
    {
        yield return run.Stamp.Mark(new TaskStateUpdated(list.ToSummary(), list.GoalComplete, [.. list.Tasks.Select(ToldTask.Of)]) { CompletionSummary = list.CompletionSummary });
        if (list.CompletionSummary is { Length: > 0 } summary && run.State.Output.Content is null)
        {
            yield return run.Stamp.Mark(new AnswerChanged(summary, "str"));
        }

        yield return run.Stamp.Mark(new TaskIterationCompleted(run.State.Team.Iteration, team.MaxIterations, list.ToSummary()));
    }

    private static RecoveryEvent Show(AgentRun run, TaskList list) =>
        run.Stamp.Mark(new InputAdded(Ending.NewMessage(MessageRole.User, TaskPrompt.StateOf(list), run.Stamp)));
}
