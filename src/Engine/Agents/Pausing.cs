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
        yield return run.Stamp.Mark(new RunContentCompleted());
        if (ApprovalRequests.Of(run, requirements) is { } approval)
        {
            requirements = [.. requirements.Select(requirement => Stamp(requirement, approval.Id))];
            yield return run.Stamp.Mark(new ApprovalRecorded(approval));
        }

        var tools = (run.State.Output.Tools ?? []).RemoveAll(tool => waiting.Any(other => other.ToolCallId == tool.ToolCallId))
            .AddRange(requirements.Select(requirement => requirement.ToolExecution));
        yield return run.Stamp.Mark(new RunPaused(Text(waiting), tools, (run.State.Output.Requirements ?? []).AddRange(requirements)));
    }

    private static RunRequirement Stamp(RunRequirement requirement, string approvalId) => requirement.ToolExecution.ApprovalType == ApprovalRequests.Required
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
