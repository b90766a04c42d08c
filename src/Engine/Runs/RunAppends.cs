using System.Collections.Immutable;
using Cluster.Engine.Approvals;
using Cluster.Engine.Messages;
using Cluster.Engine.Sessions;

namespace Cluster.Engine.Runs;

/// <summary>Puts together what is stored with the events of a run: when it settles, its record and what it changes in its session.</summary>
/// <param name="timeProvider">The clock.</param>
internal sealed class RunAppends(TimeProvider timeProvider)
{
    /// <summary>Prepares an append.</summary>
    /// <param name="state">The run after the events.</param>
    /// <param name="events">The events, the last one committed.</param>
    public RunAppend Prepare(RunState state, ImmutableArray<RunEvent> events)
    {
        // A paused run that is taken over was recorded when it paused, and its session may have changed since.
        var settles = state.IsSettled && events[^1] is not RunTakenOver;
        return new RunAppend
        {
            RunId = state.Output.RunId,
            Generation = state.Generation,
            Position = state.Position - events.Length,
            Events = ToStored(state, events),
            Output = settles || events[^1] is RunContinued or AnswersReceived || (events[^1] is CancelRequested && state.IsSessionStateStale) ? state.Recorded : null,

            // What the run of a member changes and costs comes to the session through its team.
            Session = settles && state.Output.ParentRunId is null ? ToPatch(state) : null,
            Regenerated = settles && state is { Output.Status: RunStatus.Completed, Request.Fork: { Replaces: true } fork } ? fork.RunId : null,
            Approvals = ToApprovals(events),
        };
    }

    private static ImmutableArray<RunEvent> ToStored(RunState state, ImmutableArray<RunEvent> events)
    {
        for (var i = 0; i < events.Length; i++)
        {
            var stored = ToStored(state, events[i]);
            events = ReferenceEquals(stored, events[i]) ? events : events.SetItem(i, stored);
        }

        return events;
    }

    /// <summary>The runs of members have logs and records of their own. What clients are shown again later holds only what the record may hold.</summary>
    private static RunEvent ToStored(RunState state, RunEvent next)
    {
        next = next is RunCompleted { MemberResponses: not null } completed ? completed with { MemberResponses = null } : next;
        return state.Request?.Record is { Media: false } ? RunRecording.WithoutMedia(next) : next;
    }

    /// <summary>A run that failed or waited, and went on, has charged its session before.</summary>
    private static RunMetrics CostsOf(RunState state)
    {
        var costs = RunMetrics.None.Add(RunFold.CostsOf(state.Output));
        return state.Charged is { } charged ? costs.Less(charged) : costs;
    }

    private static ApprovalChanges ToApprovals(ImmutableArray<RunEvent> events)
    {
        var hasSome = false;
        foreach (var next in events)
        {
            hasSome |= next is ApprovalRecorded or AnswersReceived { Approval: not null };
        }

        if (!hasSome)
        {
            return ApprovalChanges.None;
        }

        return new ApprovalChanges(
            [.. events.OfType<ApprovalRecorded>().Select(next => next.Approval)],
            [.. events.OfType<AnswersReceived>().Select(next => next.Approval?.Id).OfType<string>()]);
    }

    private SessionPatch ToPatch(RunState state)
    {
        // A run that is cancelled before it begins has no costs.
        var hasCosts = state.Phase is RunPhase.Finished or RunPhase.Paused && (state.HasBegun || state.Output.Status != RunStatus.Cancelled);
        return new SessionPatch
        {
            UpdatedAt = timeProvider.GetUtcNow().ToUnixTimeSeconds(),
            SessionState = state.IsUnderWay ? state.Output.SessionState : null,
            Costs = hasCosts ? CostsOf(state) : null,
        };
    }
}
