using System.Collections.Immutable;
using Cluster.Engine.Approvals;
using Cluster.Engine.Runs;

namespace Cluster.Storage.Embedded;

/// <summary>The approvals of an <see cref="EmbeddedStore"/>.</summary>
/// <param name="open">The journal.</param>
internal sealed class EmbeddedApprovals(OpenJournal open)
{
    public ApprovalRecord? Find(string approvalId) => open.Index.Approvals.FindPublished(approvalId) is { } stored ? WithStatus(stored.Record) : null;

    public ApprovalPage List(ApprovalQuery query)
    {
        var page = ApprovalListing.Page(open.Index.Approvals.Published.Select(stored => stored.Record), query);
        return page with { Approvals = [.. page.Approvals.Select(WithStatus)] };
    }

    public async Task<ResolvedApproval?> ResolveAsync(string approvalId, ApprovalResolution resolution, CancellationToken cancellationToken) =>
        await open.Writer.CommitAsync(ChangeCodec.Encode(new ApprovalDecision(approvalId, resolution)), cancellationToken) is ResolvedApproval resolved
            ? resolved with { Approval = WithStatus(resolved.Approval) }
            : null;

    public async Task<bool> DeleteAsync(string approvalId, CancellationToken cancellationToken) =>
        (bool)(await open.Writer.CommitAsync(ChangeCodec.Encode(new ApprovalReference(approvalId)), cancellationToken))!;

    public ImmutableArray<ApprovalRecord> ListDue(long now, int limit) =>
    [
        .. open.Index.Approvals.Where(stored => ApprovalListing.IsDue(stored, now)).Select(stored => WithStatus(stored.Record))
            .Where(approval => approval.Status == ApprovalStatus.Pending || approval.RunStatus == RunStatus.Paused)
            .Reverse().OrderByDescending(approval => approval.Status == ApprovalStatus.Pending).Take(limit),
    ];

    private ApprovalRecord WithStatus(ApprovalRecord approval) =>
        approval with { RunStatus = open.Index.TryFindRun(approval.RunId, out var run) ? run.Head.Published?.Status : null };
}
