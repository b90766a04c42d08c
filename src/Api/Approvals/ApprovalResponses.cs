using System.Text.Json.Serialization;
using Cluster.Engine.Approvals;

namespace Cluster.Api.Approvals;

/// <summary>How many approvals wait for a decision.</summary>
/// <param name="Count">The number.</param>
internal sealed record ApprovalCountResponse(int Count);

/// <summary>How far an approval is.</summary>
/// <param name="ApprovalId">The approval.</param>
/// <param name="Status">Its status.</param>
/// <param name="RunId">The run that waits.</param>
internal sealed record ApprovalStatusResponse(string ApprovalId, string Status, string RunId)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long? ResolvedAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? ResolvedBy { get; init; }

    public static ApprovalStatusResponse Of(ApprovalRecord approval) =>
        new(approval.Id, ApprovalListing.ToText(approval.Status), approval.RunId) { ResolvedAt = approval.ResolvedAt, ResolvedBy = approval.ResolvedBy };
}
