using System.Text.Json;
using Cluster.Engine.Approvals;
using Cluster.Engine.Json;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Runs;

/// <summary>What the decision of an approval does to the record of a run.</summary>
internal static class ApprovalFold
{
    private const string Key = "approval";

    /// <summary>Attaches the approval to the run, and closes the requirements that it decided about: they stay as they were then.</summary>
    public static RunOutput Hear(RunOutput output, ApprovalRecord? approval)
    {
        if (approval is null)
        {
            return output;
        }

        return output with
        {
            Metadata = WithApproval(output.Metadata, approval),
            Requirements = output.Requirements is { } all ? [.. all.Select(requirement => Close(requirement, approval))] : null,
        };
    }

    private static RunRequirement Close(RunRequirement requirement, ApprovalRecord approval) =>
        requirement.ToolExecution.ApprovalId == approval.Id && requirement.Confirmation is null
            ? requirement with { Confirmation = requirement.ToolExecution.Confirmed ?? true }
            : requirement;

    private static JsonElement WithApproval(JsonElement? metadata, ApprovalRecord approval)
    {
        var merged = metadata is { ValueKind: JsonValueKind.Object } own ? UniqueMembers.ToObject(own) : [];
        merged[Key] = JsonSerializer.SerializeToNode(approval, EngineJson.Context.ApprovalRecord);
        return JsonElement.Parse(merged.ToJsonString(EngineJson.Options));
    }
}
