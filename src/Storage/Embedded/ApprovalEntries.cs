using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Approvals;

namespace Cluster.Storage.Embedded;

/// <summary>An approval in the index.</summary>
/// <param name="order">Its place in the order of creation.</param>
internal sealed class ApprovalEntry(long order)
{
    public long Order => order;

    public Versioned<ApprovalHead> Head { get; } = new();
}

/// <summary>An approval as it is at one time.</summary>
/// <param name="Approval">The approval.</param>
/// <param name="Bytes">How many bytes it takes in a compacted journal, roughly.</param>
internal sealed record ApprovalHead(StoredApproval Approval, long Bytes);

/// <summary>The approvals of the index. Readers see what is durable; only the writer changes anything.</summary>
internal sealed class ApprovalEntries
{
    private readonly ConcurrentDictionary<string, ApprovalEntry> _entries = new(StringComparer.Ordinal);

    /// <summary>Gets or sets the place of the newest approval in the order of creation.</summary>
    public long Order { get; set; }

    /// <summary>Gives what is published and wanted, in the order of creation. It takes no lock.</summary>
    public IEnumerable<StoredApproval> Where(Func<StoredApproval, bool> wanted) => _entries
        .Select(pair => (pair.Value.Order, pair.Value.Head.Published?.Approval))
        .Where(entry => entry.Approval is { } approval && wanted(approval))
        .OrderBy(entry => entry.Order)
        .Select(entry => entry.Approval!);

    /// <summary>Gives what is published, in the order of creation.</summary>
    public IEnumerable<StoredApproval> Published => _entries.Values.OrderBy(entry => entry.Order).Select(entry => entry.Head.Published?.Approval).OfType<StoredApproval>();

    public StoredApproval? FindPublished(string approvalId) => _entries.TryGetValue(approvalId, out var entry) ? entry.Head.Published?.Approval : null;

    public bool TryFind(string approvalId, [NotNullWhen(true)] out ApprovalEntry? entry) => _entries.TryGetValue(approvalId, out entry);

    public void Add(string approvalId, ApprovalEntry entry) => _entries[approvalId] = entry;

    /// <summary>Forgets an approval.</summary>
    /// <returns>How many bytes are dead from now on.</returns>
    public long Remove(string approvalId) => _entries.TryRemove(approvalId, out var entry) ? entry.Head.Published?.Bytes ?? 0 : 0;
}
