using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Teams;

/// <summary>A call of the leader hands a task to members. Their runs have ids that follow from the call, so that a successor finds them again.</summary>
/// <param name="ToolCallId">The call.</param>
/// <param name="Members">The members.</param>
public sealed record MembersEngaged(string ToolCallId, ImmutableArray<EngagedMember> Members) : RecoveryEvent
{
    /// <summary>Gets the session state that each of them starts with, an object: what a member has changed is told by comparing with it. Null for an empty one.</summary>
    public JsonElement? SessionState { get; init; }
}

/// <summary>A member that got a task.</summary>
/// <param name="RunId">Its run.</param>
/// <param name="MemberId">The member.</param>
/// <param name="Name">Its name.</param>
public sealed record EngagedMember(string RunId, string MemberId, string Name);

/// <summary>
/// The team told events of its members since the last event before this one. The log says which, and in which order; the events themselves stand in the logs
/// of the members' runs, and nowhere twice.
/// </summary>
/// <param name="Slices">
/// Four numbers for each row of events: the member's run by its place among the run's members, the index of the first event there, how many, and 1 when the
/// team told them as its own.
/// </param>
public sealed record MembersHeard(ImmutableArray<long> Slices) : RecoveryEvent
{
    /// <summary>Gets the rows.</summary>
    /// <returns>The rows, in order.</returns>
    public IEnumerable<(int Member, long First, int Count, bool AsOwn)> Rows()
    {
        for (var at = 0; at + 3 < Slices.Length; at += 4)
        {
            yield return ((int)Slices[at], Slices[at + 1], (int)Slices[at + 2], Slices[at + 3] != 0);
        }
    }
}

/// <summary>A member's run has settled: it has ended, or waits for a human.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Status">How it settled.</param>
public sealed record MemberSettled(string RunId, RunStatus Status) : RecoveryEvent
{
    /// <summary>Gets what the run cost, its own members included; null when it asked no model.</summary>
    public RunMetrics? Costs { get; init; }

    /// <summary>Gets what a human has to settle, with the member's name; null unless it waits.</summary>
    public ImmutableArray<RunRequirement>? Requirements { get; init; }
}

/// <summary>A human's answers to calls of one member.</summary>
/// <param name="RunId">The member's run.</param>
/// <param name="Requirements">What the member waits for, answered.</param>
public sealed record MemberAnswers(string RunId, ImmutableArray<RunRequirement> Requirements);
