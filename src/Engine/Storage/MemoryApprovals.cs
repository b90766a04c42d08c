using System.Collections.Immutable;
using Cluster.Engine.Approvals;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Storage;

/// <summary>The approvals of a store that keeps everything in memory. Its caller sees to it that one call at a time is made.</summary>
/// <param name="statusOf">Tells how far a run is; null when it is gone.</param>
internal sealed class MemoryApprovals(Func<string, RunStatus?> statusOf)
{
    private readonly OrderedDictionary<string, StoredApproval> _approvals = new(StringComparer.Ordinal);

    public void Apply(ApprovalChanges changes)
    {
        foreach (var created in changes.Created)
        {
            _approvals.TryAdd(created.Id, StoredApproval.Of(created));
        }

        foreach (var id in changes.Applied)
        {
            if (_approvals.TryGetValue(id, out var stored))
            {
                _approvals[id] = stored with { IsApplied = true };
            }
        }
    }

    public ApprovalRecord? Find(string approvalId) => _approvals.TryGetValue(approvalId, out var stored) ? WithStatus(stored.Record) : null;

    public ApprovalPage List(ApprovalQuery query)
    {
        var page = ApprovalListing.Page(_approvals.Values.Select(stored => stored.Record), query);
        return page with { Approvals = [.. page.Approvals.Select(WithStatus)] };
    }

    public ResolvedApproval? Resolve(string approvalId, ApprovalResolution resolution)
    {
        if (!_approvals.TryGetValue(approvalId, out var stored))
        {
            return null;
        }

        var resolved = stored.Record.Resolve(resolution);
        _approvals[approvalId] = stored with { Record = resolved ?? stored.Record };
        return new ResolvedApproval(WithStatus(resolved ?? stored.Record), Counts: resolved is not null);
    }

    public bool Delete(string approvalId) => _approvals.Remove(approvalId);

    public ImmutableArray<ApprovalRecord> ListDue(long now, int limit) =>
    [
        .. _approvals.Values.Where(stored => ApprovalListing.IsDue(stored, now)).Select(stored => WithStatus(stored.Record))
            .Where(approval => approval.Status == ApprovalStatus.Pending || approval.RunStatus == RunStatus.Paused)
            .Reverse().OrderByDescending(approval => approval.Status == ApprovalStatus.Pending).Take(limit),
    ];

    private ApprovalRecord WithStatus(ApprovalRecord approval) => approval with { RunStatus = statusOf(approval.RunId) };
}
