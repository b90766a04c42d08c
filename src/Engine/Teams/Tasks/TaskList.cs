using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Engine.Json;
using Cluster.Engine.Sessions;

namespace Cluster.Engine.Teams.Tasks;

/// <summary>The list with which a leader works towards a goal. It stands in the session state, under <see cref="Key"/>, where Agno has it.</summary>
public sealed record TaskList
{
    /// <summary>The member of the session state that holds the list.</summary>
    public const string Key = "_team_tasks";

    /// <summary>Gets the tasks, in the order in which they were made.</summary>
    public ImmutableArray<TeamTask> Tasks { get; init; } = [];

    /// <summary>Gets a value indicating whether the leader has said that the goal is reached.</summary>
    public bool GoalComplete { get; init; }

    /// <summary>Gets what the leader said then; null before.</summary>
    public string? CompletionSummary { get; init; }

    /// <summary>Gets a value indicating whether nothing is left to do: the goal is reached, or no task can go on any more.</summary>
    [JsonIgnore]
    public bool IsDone => GoalComplete || Tasks.All(task => task.IsEnded);

    /// <summary>Reads the list.</summary>
    /// <param name="state">The session state, an object.</param>
    /// <returns>The list; an empty one when there is none, or something else in its place.</returns>
    public static TaskList Read(JsonElement state)
    {
        try
        {
            return state.ValueKind == JsonValueKind.Object && state.TryGetProperty(Key, out var list) ? list.Deserialize(EngineJson.Context.TaskList) ?? new TaskList() : new TaskList();
        }
        catch (JsonException)
        {
            return new TaskList();
        }
    }

    /// <summary>Looks a task up.</summary>
    /// <param name="id">The task's id.</param>
    /// <returns>The task; null when there is none.</returns>
    public TeamTask? Find(string id) => Tasks.FirstOrDefault(task => task.Id == id);

    /// <summary>Puts a task into the list, in the place of the one with its id, and lets those that waited for it go on.</summary>
    /// <param name="task">The task.</param>
    /// <returns>The list with the task.</returns>
    public TaskList With(TeamTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        var tasks = Find(task.Id) is { } known ? Tasks.Replace(known, task) : Tasks.Add(task);
        var completed = tasks.Where(one => one.Status == TeamTaskStatus.Completed).Select(one => one.Id).ToHashSet(StringComparer.Ordinal);
        return this with { Tasks = [.. tasks.Select(one => one.Await(completed))] };
    }

    /// <summary>Says in a line how far the list is.</summary>
    /// <returns>The line.</returns>
    public string ToSummary()
    {
        var counts = Tasks.GroupBy(task => task.Status).OrderBy(group => group.Key).Select(group => $"{group.Count()} {TeamTask.ToText(group.Key)}");
        return Tasks.IsEmpty ? "no tasks" : $"{Tasks.Length} tasks: {string.Join(", ", counts)}";
    }

    /// <summary>Leaves the list out of a session state: a member that is a team keeps its own.</summary>
    internal static JsonElement Without(JsonElement state)
    {
        if (!state.TryGetProperty(Key, out _))
        {
            return state;
        }

        var others = UniqueMembers.ToObject(state);
        others.Remove(Key);
        return JsonElement.Parse(others.ToJsonString(EngineJson.Options));
    }

    /// <summary>Changes the list in the session state. Calls of one turn work at the same time, and each sees what the others have done.</summary>
    internal static T Change<T>(SessionState state, Func<TaskList, (TaskList List, T Result)> change) => state.Change(value =>
    {
        var (list, result) = change(Read(value));
        var json = JsonSerializer.SerializeToElement(new Dictionary<string, TaskList> { [Key] = list }, EngineJson.Context.DictionaryStringTaskList);
        return (SessionState.Merge(value, json, deep: false), result);
    });
}

/// <summary>One task of a <see cref="TaskList"/>.</summary>
public sealed record TeamTask
{
    private static readonly FrozenDictionary<TeamTaskStatus, string> Names = EnumNames.Of(EngineJson.Context.TeamTaskStatus);

    /// <summary>Gets the task's id, eight characters.</summary>
    public required string Id { get; init; }

    /// <summary>Gets what is to be done, in a few words.</summary>
    public required string Title { get; init; }

    /// <summary>Gets what is to be done, in full; empty when the title says it.</summary>
    public string Description { get; init; } = string.Empty;

    /// <summary>Gets how far it is.</summary>
    public TeamTaskStatus Status { get; init; }

    /// <summary>Gets the member who works on it; empty for nobody in particular.</summary>
    public string Assignee { get; init; } = string.Empty;

    /// <summary>Gets the tasks that have to be completed before.</summary>
    public ImmutableArray<string> Dependencies { get; init; } = [];

    /// <summary>Gets what came of it; null before it ended.</summary>
    public string? Result { get; init; }

    /// <summary>Gets what was noted about it.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Gets when it was made, in Unix seconds.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Gets a value indicating whether it is completed or has failed.</summary>
    [JsonIgnore]
    public bool IsEnded => Status is TeamTaskStatus.Completed or TeamTaskStatus.Failed;

    /// <summary>Says a status as clients and models read it.</summary>
    /// <param name="status">The status.</param>
    /// <returns>The word.</returns>
    public static string ToText(TeamTaskStatus status) => Names[status];

    /// <summary>A task waits as long as one that it depends on is not completed.</summary>
    internal TeamTask Await(IReadOnlySet<string> completed) => Status is TeamTaskStatus.Pending or TeamTaskStatus.Blocked
        ? this with { Status = Dependencies.All(completed.Contains) ? TeamTaskStatus.Pending : TeamTaskStatus.Blocked }
        : this;
}

/// <summary>How far a task is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TeamTaskStatus>))]
public enum TeamTaskStatus
{
    /// <summary>It can be begun.</summary>
    [JsonStringEnumMemberName("pending")]
    Pending,

    /// <summary>It waits for tasks that it depends on.</summary>
    [JsonStringEnumMemberName("blocked")]
    Blocked,

    /// <summary>A member works on it.</summary>
    [JsonStringEnumMemberName("in_progress")]
    InProgress,

    /// <summary>It is done.</summary>
    [JsonStringEnumMemberName("completed")]
    Completed,

    /// <summary>It could not be done.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}
