using System.Collections.Immutable;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Teams.Tasks;

/// <summary>The leader of a team looks at its list of tasks and goes on from there.</summary>
/// <param name="Iteration">How often it has looked, from 1.</param>
/// <param name="MaxIterations">How often it may.</param>
public sealed record TaskIterationStarted(int Iteration, int MaxIterations) : AgentEvent;

/// <summary>The leader has said what there is to say after it looked.</summary>
/// <param name="Iteration">How often it has looked, from 1.</param>
/// <param name="MaxIterations">How often it may.</param>
/// <param name="TaskSummary">How far the list is, in a line.</param>
public sealed record TaskIterationCompleted(int Iteration, int MaxIterations, string TaskSummary) : AgentEvent;

/// <summary>The list of tasks is so far.</summary>
/// <param name="TaskSummary">How far, in a line.</param>
/// <param name="GoalComplete">True when the leader has said that the goal is reached.</param>
/// <param name="Tasks">The tasks.</param>
public sealed record TaskStateUpdated(string TaskSummary, bool GoalComplete, ImmutableArray<ToldTask> Tasks) : AgentEvent
{
    /// <summary>Gets what the leader said when the goal was reached; null before.</summary>
    public string? CompletionSummary { get; init; }
}

/// <summary>A task as clients are told of it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">What is to be done, in a few words.</param>
/// <param name="Description">What is to be done, in full.</param>
/// <param name="Status">How far it is.</param>
/// <param name="Assignee">Who works on it; empty for nobody in particular.</param>
/// <param name="Dependencies">The tasks before it.</param>
/// <param name="Result">What came of it; null before it ended.</param>
public sealed record ToldTask(
    string Id, string Title, string Description, TeamTaskStatus Status, string Assignee, ImmutableArray<string> Dependencies, string? Result)
{
    /// <summary>Gives what clients are told of a task.</summary>
    /// <param name="task">The task.</param>
    /// <returns>What they are told.</returns>
    public static ToldTask Of(TeamTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return new ToldTask(task.Id, task.Title, task.Description, task.Status, task.Assignee, task.Dependencies, task.Result);
    }
}

/// <summary>The leader has made a task.</summary>
/// <param name="TaskId">Its id.</param>
/// <param name="Title">What is to be done, in a few words.</param>
/// <param name="Description">What is to be done, in full.</param>
/// <param name="Assignee">Who works on it; empty for nobody in particular.</param>
/// <param name="Status">How far it is.</param>
/// <param name="Dependencies">The tasks before it.</param>
public sealed record TaskCreated(
    string TaskId, string Title, string Description, string Assignee, TeamTaskStatus Status, ImmutableArray<string> Dependencies) : AgentEvent;

/// <summary>A task has got another status.</summary>
/// <param name="TaskId">Its id.</param>
/// <param name="Title">What is to be done, in a few words.</param>
/// <param name="Status">How far it is.</param>
/// <param name="PreviousStatus">How far it was.</param>
public sealed record TaskUpdated(string TaskId, string Title, TeamTaskStatus Status, TeamTaskStatus PreviousStatus) : AgentEvent
{
    /// <summary>Gets what came of it; null before it ended.</summary>
    public string? Result { get; init; }

    /// <summary>Gets who works on it; empty for nobody in particular.</summary>
    public string Assignee { get; init; } = string.Empty;
}
