using System.Collections.Immutable;
using Cluster.Engine.Approvals;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Agents;

/// <summary>What a run says when it waits for a human.</summary>
internal static class Pausing
{
    public static IEnumerable<RunEvent> Pause(AgentRun run, ToolExecution[] waiting)
    {
        // What a member waits for is known from its own pause.
        waiting = [.. waiting.Where(tool => !run.State.Team.IsWaiting(tool.ToolCallId) && !IsAsked(run.State, tool))];
        ImmutableArray<RunRequirement> requirements =
        [
            .. waiting.Select(tool => new RunRequirement
            {
                Id = Guid.NewGuid().ToString(),
                CreatedAt = run.Stamp.UtcNow,
                ToolExecution = tool with { ApprovalId = null },
                UserInputSchema = tool.UserInputSchema,
                UserFeedbackSchema = tool.UserFeedbackSchema,
            }),
        ];
        if (run.Team is null)
        {
            yield return run.Stamp.Mark(new RunContentCompleted());
        }

        if (ApprovalRequests.Of(run, requirements) is { } approval)
        {
            requirements = [.. requirements.Select(requirement => Stamp(requirement, approval.Id))];
            yield return run.Stamp.Mark(new ApprovalRecorded(approval));
        }

        // A call that was begun and whose outcome is unknown keeps its place.
        var tools = requirements.Aggregate(run.State.Output.Tools ?? [], (all, requirement) => RunFold.Put(all, requirement.ToolExecution));
        var all = (run.State.Output.Requirements ?? []).AddRange(requirements);
        yield return run.Stamp.Mark(new RunPaused(run.Team is null ? Text(waiting) : Text(run, [.. all.Where(requirement => requirement.IsOpen)]), tools, all));
    }

    /// <summary>A team that was continued without this answer asks for it under the same id.</summary>
    private static bool IsAsked(RunState state, ToolExecution tool) => state.Output.TeamId is not null
        && (state.Output.Requirements ?? []).Any(requirement => requirement.MemberRunId is null && requirement.IsOpen && requirement.ToolExecution.ToolCallId == tool.ToolCallId);

    private static string Text(AgentRun run, RunRequirement[] open) => "Team run paused. The following require input:\n" + string.Join('\n', open.Select(requirement =>
        $"- {requirement.MemberAgentName ?? run.Agent.Name ?? run.Agent.AgentId}: {requirement.ToolExecution.ToolName} {Need(requirement.ToolExecution)}"));

    private static string Need(ToolExecution tool) => tool switch
    {
        { RequiresConfirmation: true } => "requires confirmation",
        { RequiresUserInput: true } => "requires user input",
        _ => "requires external execution",
    };

    private static RunRequirement Stamp(RunRequirement requirement, string approvalId) => requirement.ToolExecution.ApprovalType == ApprovalTypes.Required
        ? requirement with { ToolExecution = requirement.ToolExecution with { ApprovalId = approvalId } }
        : requirement;

    private static string Text(ToolExecution[] waiting)
    {
        // The sentences are the contract's (agent_semantics 7.3): clients show them as they are.
        var needs = new List<string>();
        if (waiting.Any(tool => tool.RequiresConfirmation == true))
        {
            needs.Add("I need confirmation");
        }

        if (waiting.Any(tool => tool.RequiresUserInput == true))
        {
            needs.Add("I need user input");
        }

        if (waiting.Any(tool => tool is { ExternalExecutionRequired: true, ExternalExecutionSilent: not true }))
        {
            needs.Add("it needs external execution");
        }

        return needs.Count == 0 ? string.Empty : $"I have tools to execute, but {string.Join(" and ", needs)}.";
    }
}
