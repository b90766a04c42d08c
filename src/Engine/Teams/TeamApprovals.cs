using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Approvals;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Teams;

/// <summary>What is answered to a paused team, with what approvals say about it.</summary>
/// <param name="Given">The answers.</param>
/// <param name="Approval">The approval that decided; null when none did.</param>
internal sealed record HeardAnswers(ImmutableArray<RunRequirement>? Given, ApprovalRecord? Approval);

/// <summary>
/// Hears what approvals say about the calls that a paused team waits for: those of its leader, and those of members. A decision stands in the place of whatever
/// else is answered. An answer to a leader's call decides about its approval first; one to a member's call does so when the member hears of it.
/// </summary>
/// <param name="approvals">The approvals.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class TeamApprovals(IApprovalStore approvals, TimeProvider timeProvider)
{
    private long Now => timeProvider.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Tells whether a paused team waits for an approval.</summary>
    public static bool IsAwaited(RunState state) => state.Phase == RunPhase.Paused && Needing(state).Any();

    /// <summary>Puts the decisions in their places.</summary>
    /// <param name="state">The team's run.</param>
    /// <param name="wish">What its caller answers.</param>
    /// <param name="agent">The team; null when it is not at hand.</param>
    /// <exception cref="InvalidRequestException">An answer to a call of the leader lacks something.</exception>
    public async Task<HeardAnswers> HearAsync(RunState state, RunContinuation wish, Agent? agent)
    {
        var heard = new HeardAnswers(wish.Requirements, null);
        foreach (var group in Needing(state).GroupBy(requirement => requirement.ToolExecution.ApprovalId!, StringComparer.Ordinal).ToArray())
        {
            heard = await HearAsync(heard, state, [.. group], wish.By, agent);
        }

        return heard;
    }

    private async Task<HeardAnswers> HearAsync(HeardAnswers heard, RunState state, RunRequirement[] waiting, string? by, Agent? agent)
    {
        var approval = await approvals.FindAsync(waiting[0].ToolExecution.ApprovalId!);
        if (approval is null)
        {
            // Somebody deleted it: those who continue the run decide then, as they do about other calls.
            return heard;
        }

        var others = (heard.Given ?? []).RemoveAll(answer => waiting.Any(one => one.Id == answer.Id));
        if (approval.IsOverdue(Now))
        {
            approval = await ResolveAsync(approval, ApprovalAnswers.Expiry(approval, Now));
        }
        else if (approval.Status == ApprovalStatus.Pending && waiting[0].MemberRunId is null)
        {
            var answers = Answers.Fit(state, [.. (heard.Given ?? []).Where(answer => waiting.Any(one => one.Id == answer.Id)).Select(answer => answer.ToAnswer())], agent);
            if (answers.Length < waiting.Length)
            {
                return heard with { Given = others };
            }

            approval = await ResolveAsync(approval, ApprovalAnswers.ToResolution([.. waiting.Select(one => one.ToolExecution)], answers, Now, by));
        }

        // What came with the decision was screened for the run that asked; those above it record it, too.
        return approval.Status == ApprovalStatus.Pending
            ? heard
            : new HeardAnswers([.. others, .. TeamAnswers.Screen(state, [.. waiting.Select(one => Decide(one, approval))], agent)], approval);
    }

    private static RunRequirement Decide(RunRequirement waiting, ApprovalRecord approval) =>
        new() { Id = waiting.Id, CreatedAt = waiting.CreatedAt, ToolExecution = ApprovalAnswers.ToAnswer(waiting.ToolExecution, approval) };

    private static IEnumerable<RunRequirement> Needing(RunState state) =>
        (state.Output.Requirements ?? []).Where(requirement => requirement.IsOpen && requirement.ToolExecution is { ApprovalType: ApprovalTypes.Required, ApprovalId: not null });

    private async Task<ApprovalRecord> ResolveAsync(ApprovalRecord approval, ApprovalResolution resolution) => await approvals.ResolveAsync(approval.Id, resolution) switch
    {
        { Approval.Status: not ApprovalStatus.Pending } resolved => resolved.Approval,
        _ => throw new ConflictException("The approval's deadline was passed at this very moment. Try again."),
    };
}
