using Cluster.Engine.Approvals;

namespace Cluster.Storage.Embedded;

/// <summary>The part of <see cref="Staging"/> that is about approvals.</summary>
/// <param name="index">The index.</param>
/// <param name="touched">Takes every value that is staged.</param>
internal sealed class ApprovalStaging(StoreIndex index, List<IStaged> touched)
{
    private readonly Dictionary<string, ApprovalEntry> _new = new(StringComparer.Ordinal);
    private readonly HashSet<string> _deleted = new(StringComparer.Ordinal);
    private long _order = index.Approvals.Order;
    private long _addedBytes;

    /// <summary>Stages what an append to a run changes.</summary>
    /// <param name="changes">The changes; null for none.</param>
    /// <param name="bytes">How many bytes they take, roughly.</param>
    public void Stage(ApprovalChanges? changes, long bytes)
    {
        foreach (var created in changes?.Created ?? [])
        {
            if (Find(created.Id) is null)
            {
                Put(null, StoredApproval.Of(created), bytes);
            }
        }

        foreach (var id in changes?.Applied ?? [])
        {
            if (Find(id) is { Head.Latest: { } head } entry)
            {
                Put(entry, head.Approval with { IsApplied = true }, head.Bytes);
            }
        }
    }

    public Staged Stage(ApprovalPut put, long bytes)
    {
        Put(Find(put.Approval.Record.Id), put.Approval, bytes);
        return new Staged(Answer: null, IsWritten: true);
    }

    public Staged Stage(ApprovalResolved resolved)
    {
        if (Find(resolved.Head.ApprovalId) is not { Head.Latest: { } head } entry)
        {
            return new Staged(Answer: null, IsWritten: false);
        }

        if (head.Approval.Record.Resolve(resolved.Head.Resolution) is not { } record)
        {
            return new Staged(new ResolvedApproval(head.Approval.Record, Counts: false), IsWritten: false);
        }

        Put(entry, head.Approval with { Record = record }, head.Bytes);
        return new Staged(new ResolvedApproval(record, Counts: true), IsWritten: true);
    }

    public Staged Stage(ApprovalDeleted deleted)
    {
        var isThere = Find(deleted.Head.ApprovalId) is not null && _deleted.Add(deleted.Head.ApprovalId);
        return new Staged(Answer: isThere, IsWritten: isThere);
    }

    /// <summary>Shows what was staged; the touched values are published already.</summary>
    public void Publish()
    {
        foreach (var (id, entry) in _new)
        {
            index.Approvals.Add(id, entry);
        }

        index.Approvals.Order = _order;
        index.LiveBytes += _addedBytes - _deleted.Sum(index.Approvals.Remove);
    }

    public void Clear()
    {
        _new.Clear();
        _deleted.Clear();
        _order = index.Approvals.Order;
        _addedBytes = 0;
    }

    private void Put(ApprovalEntry? entry, StoredApproval approval, long bytes)
    {
        if (entry is null)
        {
            entry = new ApprovalEntry(++_order);
            _new.Add(approval.Record.Id, entry);
        }

        _addedBytes += bytes - (entry.Head.Latest?.Bytes ?? 0);
        if (!entry.Head.IsStaged)
        {
            touched.Add(entry.Head);
        }

        entry.Head.Stage(new ApprovalHead(approval, bytes));
    }

    private ApprovalEntry? Find(string approvalId) =>
        !_deleted.Contains(approvalId) && (_new.TryGetValue(approvalId, out var entry) || index.Approvals.TryFind(approvalId, out entry)) ? entry : null;
}
