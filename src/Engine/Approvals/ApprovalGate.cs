using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Approvals;

/// <summary>
/// Lets a paused run go on when the approval that it waits for is decided about. Whoever answers a call that needs an approval decides about the approval
/// first: of an administrator, the deadline and those who answer, the first one counts, and all the others learn what was decided.
/// </summary>
/// <param name="approvals">The approvals.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class ApprovalGate(IApprovalStore approvals, TimeProvider timeProvider)
{
    internal const string Unresolved = "Run has unresolved HITL requirements. Provide the `requirements` parameter (or resolve an admin approval first).";

    private long Now => timeProvider.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Tells whether a run waits for an approval. It is about a call of this run, which is made once: no other run may make it instead.</summary>
    public static bool IsAwaited(RunState state) =>
        state.Output.TeamId is not null ? TeamApprovals.IsAwaited(state) : state.Phase == RunPhase.Paused && Needing(Answers.Waiting(state)).Length > 0;

    /// <summary>Gives the decision of the approval that a run waits for.</summary>
    /// <param name="state">The run.</param>
    /// <param name="continuation">What its caller decides.</param>
    /// <param name="agent">The agent; null when it is not at hand.</param>
    /// <returns>The approval, decided about; null when the run waits for none.</returns>
    /// <exception cref="InvalidRequestException">The approval is pending and the caller does not decide, or does not answer what else the run waits for.</exception>
    public async Task<ApprovalRecord?> DecideAsync(RunState state, RunContinuation continuation, Agent? agent)
    {
        var waiting = Answers.Waiting(state);
        var needing = Needing(waiting);
        if (state.Phase != RunPhase.Paused || needing.Length == 0)
        {
            return null;
        }

        var given = continuation.Tools ?? [];
        if (given.IsEmpty && waiting.Length > needing.Length)
        {
            throw new InvalidRequestException(Unresolved);
        }

        var approval = await approvals.FindAsync(needing[0].ApprovalId!);
        return approval switch
        {
            // Somebody deleted it: those who continue the run decide then, as they do about other calls.
            null => given.IsEmpty ? throw new InvalidRequestException(Unresolved) : null,
            { Status: not ApprovalStatus.Pending } => approval,
            _ when approval.IsOverdue(Now) => await ResolveAsync(approval, ApprovalAnswers.Expiry(approval, Now)),
            _ => await ResolveAsync(approval, Decide(state, needing, continuation, agent)),
        };
    }

    /// <summary>Puts the decision of an approval in the place of the answers to the calls that needed it.</summary>
    public static ImmutableArray<ToolExecution> Answer(RunState state, ImmutableArray<ToolExecution>? tools, ApprovalRecord approval)
    {
        var decided = Answers.Waiting(state).Where(call => call.ApprovalId == approval.Id).ToArray();
        return
        [
            .. (tools ?? []).Where(tool => decided.All(call => call.ToolCallId != tool.ToolCallId)),
            .. decided.Select(call => ApprovalAnswers.ToAnswer(call, approval)),
        ];
    }

    private static ToolExecution[] Needing(ToolExecution[] waiting) => [.. waiting.Where(call => call is { ApprovalType: ApprovalTypes.Required, ApprovalId: not null })];

    private ApprovalResolution Decide(RunState state, ToolExecution[] needing, RunContinuation continuation, Agent? agent)
    {
        var answers = (continuation.Tools ?? []).Where(tool => needing.Any(call => call.ToolCallId == tool.ToolCallId)).ToArray();
        if (answers.Length < needing.Length)
        {
            throw new InvalidRequestException(Unresolved);
        }

        // What does not fit is refused before it is a decision, and of what fits only the answers are one: nobody changes the call that was asked about.
        var fitted = Answers.Check(state, continuation.Tools, agent).Tools.Where(tool => needing.Any(call => call.ToolCallId == tool.ToolCallId));
        return ApprovalAnswers.ToResolution(needing, [.. fitted], Now, continuation.By);
    }

    private async Task<ApprovalRecord?> ResolveAsync(ApprovalRecord approval, ApprovalResolution resolution)
    {
        var resolved = await approvals.ResolveAsync(approval.Id, resolution);
        return resolved?.Approval.Status == ApprovalStatus.Pending ? throw new ConflictException("The approval's deadline was passed at this very moment. Try again.") : resolved?.Approval;
    }
}
