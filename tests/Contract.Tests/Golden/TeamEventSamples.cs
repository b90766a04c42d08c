using System.Collections.Immutable;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using Cluster.Engine.Teams.Tasks;

namespace Cluster.Contract.Tests.Golden;

/// <summary>The events of teams: those that agents have, too, under other names, and those that only teams have.</summary>
internal static class TeamEventSamples
{
    public static ImmutableArray<RunEvent> Recovery { get; } =
    [
        new MembersEngaged("call_1", [new EngagedMember("run-2", "writer", "Writer")]) { SessionState = Samples.Json("""{"visits":1}""") },
        new MembersHeard([0, 3, 2, 1]),
        new MemberSettled("run-2", RunStatus.Paused) { Costs = Samples.Metrics, Requirements = [Samples.Requirement] },
    ];

    public static ImmutableArray<AgentEvent> Minimal { get; } =
    [
        new TaskIterationStarted(0, 0) { TeamId = string.Empty },
        new TaskIterationCompleted(0, 0, string.Empty) { TeamId = string.Empty },
        new TaskStateUpdated(string.Empty, false, []) { TeamId = string.Empty },
        new TaskCreated(string.Empty, string.Empty, string.Empty, string.Empty, TeamTaskStatus.Pending, []) { TeamId = string.Empty },
        new TaskUpdated(string.Empty, string.Empty, TeamTaskStatus.Pending, TeamTaskStatus.Pending) { TeamId = string.Empty },
    ];

    /// <summary>Gives the events as they are in the run of a team.</summary>
    /// <param name="events">The events that agents have.</param>
    public static IEnumerable<RunEvent> Public(IEnumerable<AgentEvent> events) => events.Where(next => next is not CustomEvent).Concat(Tasks()).Select(Fill);

    private static AgentEvent[] Tasks() =>
    [
        new TaskIterationStarted(1, 10),
        new TaskIterationCompleted(1, 10, "1 of 2 done"),
        new TaskStateUpdated("2 of 2 done", true, [new ToldTask("task-1", "Write", "Write it.", TeamTaskStatus.Completed, "writer", ["task-0"], "Written")]) { CompletionSummary = "All done" },
        new TaskCreated("task-1", "Write", "Write it.", "writer", TeamTaskStatus.Blocked, ["task-0"]),
        new TaskUpdated("task-1", "Write", TeamTaskStatus.Completed, TeamTaskStatus.InProgress) { Result = "Written", Assignee = "writer" },
    ];

    private static RunEvent Fill(AgentEvent next, int index)
    {
        var filled = next is RunCompleted completed ? completed with { MemberResponses = [new RunOutput { RunId = "run-2", AgentId = "writer", ParentRunId = "run-1" }] } : next;
        return filled with
        {
            CreatedAt = Samples.Time,
            TeamId = "crew",
            TeamName = "Crew",
            RunId = "run-1",
            ParentRunId = "run-0",
            SessionId = "session-1",
            NestedDepth = 1,
            EventIndex = index,
        };
    }
}
