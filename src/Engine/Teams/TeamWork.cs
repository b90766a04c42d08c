using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Teams;

/// <summary>What a team's run knows of the runs of its members: a part of <see cref="RunState"/>.</summary>
public sealed record TeamWork
{
    /// <summary>Gets the work of a run without members.</summary>
    public static TeamWork None { get; } = new();

    /// <summary>Gets the members' runs, in the order in which they were engaged. With many members every event changes one of them, so it is a tree.</summary>
    public ImmutableList<MemberRun> Runs { get; init; } = [];

    /// <summary>Gets where each run stands in <see cref="Runs"/>.</summary>
    public ImmutableDictionary<string, int> Places { get; init; } = ImmutableDictionary.Create<string, int>(StringComparer.Ordinal);

    /// <summary>Gets the members' events that were told and that the log does not know of, newest first; null for none.</summary>
    public HeardSlice? Unrecorded { get; init; }

    /// <summary>Gets answers for members that they have not been given yet, as far as is known.</summary>
    public ImmutableArray<MemberAnswers> Answers { get; init; } = [];

    /// <summary>Gets a value indicating whether members go on with answers and clients have not been told that the team goes on.</summary>
    public bool IsContinuing { get; init; }

    /// <summary>Gets how often the leader has looked at its list of tasks; 0 before, and in other modes.</summary>
    public int Iteration { get; init; }

    /// <summary>Gets how many of these looks have ended.</summary>
    public int EndedIterations { get; init; }

    /// <summary>Gives the runs that one call of the leader engaged.</summary>
    /// <param name="toolCallId">The call.</param>
    /// <returns>The runs.</returns>
    public IEnumerable<MemberRun> RunsOf(string? toolCallId) => Runs.Where(run => run.ToolCallId == toolCallId);

    /// <summary>Looks a member's run up.</summary>
    /// <param name="runId">The run's id.</param>
    /// <returns>The run; null when it is not one of a member.</returns>
    public MemberRun? Find(string runId) => Places.TryGetValue(runId, out var place) ? Runs[place] : null;

    /// <summary>Tells whether a call cannot go on before a human has answered one of the members that it engaged.</summary>
    /// <param name="toolCallId">The call.</param>
    /// <returns>True when one of its members waits and none works.</returns>
    public bool IsWaiting(string? toolCallId)
    {
        if (Runs.IsEmpty)
        {
            return false;
        }

        var runs = RunsOf(toolCallId).ToArray();
        return runs.Any(run => run.Status == RunStatus.Paused) && runs.All(run => run.Status is not null);
    }
}

/// <summary>A member's run, as its team knows it.</summary>
/// <param name="RunId">The run's id.</param>
/// <param name="MemberId">The member.</param>
/// <param name="Name">The member's name.</param>
/// <param name="ToolCallId">The leader's call that engaged it.</param>
public sealed record MemberRun(string RunId, string MemberId, string Name, string ToolCallId)
{
    /// <summary>Gets the index of the last event of the run that the team has told; -1 for none.</summary>
    public long HeardUpTo { get; init; } = -1;

    /// <summary>Gets the session state that it started with, an object; null for an empty one.</summary>
    public JsonElement? SessionState { get; init; }

    /// <summary>Gets how the run settled; null while it works.</summary>
    public RunStatus? Status { get; init; }

    /// <summary>Gets what it cost, its own members included; null while it works.</summary>
    public RunMetrics? Costs { get; init; }
}

/// <summary>Events of one member's run that a team told one behind the other: a list that grows without copying.</summary>
/// <param name="Member">The member's run, by its place in <see cref="TeamWork.Runs"/>.</param>
/// <param name="First">The index of the first event in that run.</param>
/// <param name="Count">How many events.</param>
/// <param name="AsOwn">True when the team told them as its own.</param>
/// <param name="Earlier">What was told before; null for nothing.</param>
public sealed record HeardSlice(int Member, long First, int Count, bool AsOwn, HeardSlice? Earlier)
{
    /// <summary>Adds one event.</summary>
    /// <param name="before">What was told before; null for nothing.</param>
    /// <param name="member">The member's run, by its place.</param>
    /// <param name="index">The event's index there.</param>
    /// <param name="asOwn">True when the team told it as its own.</param>
    /// <returns>The list with the event.</returns>
    public static HeardSlice Add(HeardSlice? before, int member, long index, bool asOwn) =>
        before is not null && before.Member == member && before.AsOwn == asOwn && before.First + before.Count == index
            ? before with { Count = before.Count + 1 }
            : new HeardSlice(member, index, 1, asOwn, before);

    /// <summary>Gives the list as the log keeps it.</summary>
    /// <returns>The event.</returns>
    public MembersHeard ToEvent()
    {
        var slices = new List<HeardSlice>();
        for (var slice = this; slice is not null; slice = slice.Earlier)
        {
            slices.Add(slice);
        }

        slices.Reverse();
        return new MembersHeard([.. slices.SelectMany(slice => new[] { slice.Member, slice.First, slice.Count, slice.AsOwn ? 1 : 0 })]);
    }
}
