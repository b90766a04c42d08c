using System.Text.Json.Nodes;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Approvals;

/// <summary>Closes the approvals of a run that is cancelled: nobody is asked about calls that will never be made.</summary>
/// <param name="approvals">The approvals; null where there are none.</param>
internal sealed class ApprovalClosing(IApprovalStore? approvals)
{
    /// <summary>Closes those that nobody has decided about. Members of a team close their own.</summary>
    /// <param name="state">The run.</param>
    /// <param name="now">The time, in Unix seconds.</param>
    public async Task CloseAsync(RunState state, long now)
    {
        var ids = (state.Output.Requirements ?? []).Where(requirement => requirement.MemberRunId is null)
            .Select(requirement => requirement.ToolExecution).Where(call => call.ApprovalType == ApprovalTypes.Required).Select(call => call.ApprovalId).OfType<string>();
        foreach (var id in approvals is null ? [] : ids.Distinct(StringComparer.Ordinal).ToArray())
        {
            var note = ApprovalAnswers.ToElement(new JsonObject { ["confirmation_note"] = AnswerFold.CancelledNote });
            await approvals!.ResolveAsync(id, new ApprovalResolution(ApprovalStatus.Cancelled, now, Data: note));
        }
    }
}
