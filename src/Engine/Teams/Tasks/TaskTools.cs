using System.Collections.Immutable;
using System.ComponentModel;
using System.Security.Cryptography;
using System.Text;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Teams.Tasks;

/// <summary>The tools with which a leader keeps its list of tasks and has members work on them. A call that is repeated after a crash does nothing twice.</summary>
internal static class TaskTools
{
    private static readonly ToolOptions Keyed = new() { Effect = ToolEffect.Keyed, InOrder = true };
    private static readonly ToolOptions Delegating = Keyed with { InOrder = false, Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Tells whether a tool hands tasks to members.</summary>
    /// <param name="name">The tool's name.</param>
    public static bool IsDelegating(string name) => name is "execute_task" or "execute_tasks_parallel";

    /// <summary>Gets the tools.</summary>
    public static ImmutableArray<Tool> All { get; } =
    [
        Tool.Create(CreateTask, Keyed),
        Tool.Create(UpdateTaskStatus, Keyed),
        Tool.Create(ListTasks, Keyed with { Effect = ToolEffect.Pure }),
        Tool.Create(AddTaskNote, Keyed),
        Tool.Create(ExecuteTask, Delegating),
        Tool.Create(ExecuteTasksParallel, Delegating),
        Tool.Create(MarkAllComplete, Keyed),
    ];

    [Description("Adds a task to the list and gives its id.")]
    private static string CreateTask(
        [Description("What is to be done, in a few words.")] string title,
        RunContext context,
        [Description("What is to be done, in words that need no other context.")] string description = "",
        [Description("The id of the member who should work on it.")] string assignee = "",
        [Description("The ids of the tasks that have to be completed before.")] string[]? depends_on = null)
    {
        var delegation = TeamTools.DelegationOf(context);
        if (assignee.Length > 0)
        {
            delegation.Require(assignee);
        }

        var id = IdOf(context);
        var (task, isNew) = TaskList.Change(context.State, list =>
        {
            if (list.Find(id) is { } known)
            {
                return (list, (known, false));
            }

            foreach (var dependency in depends_on ?? [])
            {
                Require(list, dependency);
            }

            list = list.With(new TeamTask { Id = id, Title = title, Description = description, Assignee = assignee, Dependencies = [.. depends_on ?? []], CreatedAt = delegation.UnixSeconds });
            return (list with { GoalComplete = false, CompletionSummary = null }, (list.Find(id)!, true));
        });
        if (isNew)
        {
            context.Teller?.Invoke(new TaskCreated(task.Id, task.Title, task.Description, task.Assignee, task.Status, task.Dependencies));
        }

        return $"Created task {task.Id} '{task.Title}' ({TeamTask.ToText(task.Status)}).";
    }

    [Description("Changes how far a task is, for instance when you have done it yourself or it has become pointless.")]
    private static string UpdateTaskStatus(
        [Description("The task's id.")] string task_id,
        [Description("pending, in_progress, completed or failed.")] string status,
        RunContext context,
        [Description("What came of it.")] string? result = null)
    {
        // Whether a task is blocked follows from the others.
        var wanted = Enum.GetValues<TeamTaskStatus>().Where(one => one != TeamTaskStatus.Blocked && TeamTask.ToText(one) == status).ToArray() is [var one]
            ? one
            : throw new InvalidRequestException($"'{status}' is no status of a task. Use pending, in_progress, completed or failed.");
        var task = Set(context, task_id, known => known with { Status = wanted, Result = result ?? known.Result });
        return $"Task {task.Id} is {TeamTask.ToText(task.Status)}.";
    }

    [Description("Gives the list of tasks.")]
    private static string ListTasks(RunContext context) => TaskPrompt.Describe(TaskList.Read(context.State.Kept));

    [Description("Notes something about a task.")]
    private static string AddTaskNote([Description("The task's id.")] string task_id, [Description("The note.")] string note, RunContext context)
    {
        TaskList.Change(context.State, list =>
        {
            var task = Require(list, task_id);

            // The call may have been made before, by an owner that died behind another call of its turn.
            return (task.Notes is [.., var last] && last == note ? list : list.With(task with { Notes = task.Notes.Add(note) }), true);
        });
        return $"Noted about task {task_id}.";
    }

    [Description("Has a member work on a task and gives what the member answers.")]
    private static Task<ToolResult> ExecuteTask(
        [Description("The task's id.")] string task_id,
        [Description("The id of the member who works on it.")] string member_id,
        RunContext context,
        CancellationToken cancellationToken) => ExecuteAsync(context, [(task_id, member_id)], cancellationToken);

    [Description("Has the assignees of several tasks work on them at the same time. The tasks must not wait for one another.")]
    private static Task<ToolResult> ExecuteTasksParallel(
        [Description("The ids of the tasks.")] string[] task_ids, RunContext context, CancellationToken cancellationToken)
    {
        var list = TaskList.Read(context.State.Kept);
        return ExecuteAsync(context, [.. task_ids.Distinct(StringComparer.Ordinal).Select(id => (id, AssigneeOf(Require(list, id))))], cancellationToken);
    }

    [Description("Says that the goal is reached. Answer the user then.")]
    private static string MarkAllComplete([Description("What was reached.")] string summary, RunContext context) => TaskList.Change(context.State, list =>
        (list with { GoalComplete = true, CompletionSummary = summary }, "The goal is marked as complete."));

    private static async Task<ToolResult> ExecuteAsync(RunContext context, ImmutableArray<(string TaskId, string MemberId)> chosen, CancellationToken cancellationToken)
    {
        var delegation = TeamTools.DelegationOf(context);
        var list = TaskList.Read(context.State.Kept);
        ImmutableArray<MemberTask> tasks =
        [
            .. chosen.Select(one => new MemberTask(delegation.Require(one.MemberId), TaskPrompt.TextOf(list, Startable(list, one.TaskId))) { Key = one.TaskId }),
        ];
        foreach (var (taskId, memberId) in chosen)
        {
            Set(context, taskId, task => task with { Status = TeamTaskStatus.InProgress, Assignee = memberId });
        }

        var all = await delegation.WorkAsync(context, tasks, cancellationToken);
        foreach (var settled in all.Where(settled => !settled.IsWaiting))
        {
            var status = settled.Output.Status == Runs.RunStatus.Completed ? TeamTaskStatus.Completed : TeamTaskStatus.Failed;
            Set(context, settled.Task.Key, task => task with { Status = status, Result = settled.ToText() });
        }

        var waiting = all.Where(settled => settled.IsWaiting).Select(settled => settled.ToNotice()).ToArray();
        return new ToolResult(string.Join('\n', waiting.Length > 0 ? waiting : all.Count == 1 ? [all[0].ToText()] : all.Select(settled => $"Task {settled.Task.Key}: {settled.ToText()}")))
        {
            ChildRunId = all.Count == 1 ? all[0].Output.RunId : null,
            IsWaiting = waiting.Length > 0,
        };
    }

    /// <summary>Changes a task, and tells clients when its status is another one.</summary>
    private static TeamTask Set(RunContext context, string taskId, Func<TeamTask, TeamTask> change)
    {
        var (before, after) = TaskList.Change(context.State, list =>
        {
            var known = Require(list, taskId);
            list = list.With(change(known));
            return (list, (known, list.Find(taskId)!));
        });
        if (before.Status != after.Status)
        {
            context.Teller?.Invoke(new TaskUpdated(after.Id, after.Title, after.Status, before.Status) { Result = after.Result, Assignee = after.Assignee });
        }

        return after;
    }

    private static TeamTask Startable(TaskList list, string taskId)
    {
        var task = Require(list, taskId);
        var open = task.Dependencies.Where(id => list.Find(id)?.Status != TeamTaskStatus.Completed).ToArray();
        return open.Length == 0 ? task : throw new InvalidRequestException($"Task {taskId} waits for {string.Join(", ", open)}. Have these completed first.");
    }

    private static string AssigneeOf(TeamTask task) => task.Assignee.Length > 0
        ? task.Assignee
        : throw new InvalidRequestException($"Task {task.Id} has no assignee. Use execute_task, which names the member.");

    private static TeamTask Require(TaskList list, string taskId) => list.Find(taskId)
        ?? throw new InvalidRequestException($"There is no task '{taskId}'. The tasks are: {string.Join(", ", list.Tasks.Select(task => task.Id))}.");

    /// <summary>The id follows from the call, so that a call which is repeated makes the same task.</summary>
    private static string IdOf(RunContext context) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(context.IdempotencyKey!)))[..8];
}
