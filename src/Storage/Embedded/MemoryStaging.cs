using Cluster.Engine.Memory;

namespace Cluster.Storage.Embedded;

/// <summary>The part of <see cref="Staging"/> that is about memories.</summary>
/// <param name="index">The index.</param>
/// <param name="touched">Takes every value that is staged.</param>
internal sealed class MemoryStaging(StoreIndex index, List<IStaged> touched)
{
    private readonly Dictionary<string, MemoryEntry> _new = new(StringComparer.Ordinal);
    private readonly HashSet<string> _deleted = new(StringComparer.Ordinal);
    private long _order = index.Memories.Order;
    private long _addedBytes;

    public Staged Stage(MemoryAdded added, long bytes)
    {
        var memory = added.Memory;
        if (Find(memory.MemoryId) is { Head.Latest: { } known })
        {
            return new Staged(known.Memory.UserId == memory.UserId ? known.Memory : null, IsWritten: false);
        }

        var entry = new MemoryEntry(++_order);
        _new.Add(memory.MemoryId, entry);
        Put(entry, memory, bytes);
        return new Staged(memory, IsWritten: true);
    }

    public Staged Stage(MemoryChanged changed, long bytes)
    {
        var head = changed.Head;
        if (Find(head.MemoryId) is not { Head.Latest: { } known } entry || !IsOf(known.Memory, head.UserId))
        {
            return new Staged(Answer: null, IsWritten: false);
        }

        // A patch replaces members, so the memory is about as large as the largest thing that was ever written of it.
        var memory = head.Patch.ApplyTo(known.Memory);
        Put(entry, memory, Math.Max(known.Bytes, bytes));
        return new Staged(memory, IsWritten: true);
    }

    /// <summary>Stages a deletion, which has a batch of its own: it looks only at what is published.</summary>
    public Staged Stage(MemoriesDeleted deleted)
    {
        foreach (var memoryId in deleted.Head.MemoryIds)
        {
            if (index.Memories.TryFind(memoryId, out var entry) && entry.Head.Published is { } known && IsOf(known.Memory, deleted.Head.UserId))
            {
                _deleted.Add(memoryId);
            }
        }

        return new Staged(Answer: null, IsWritten: _deleted.Count > 0);
    }

    /// <summary>Shows what was staged; the touched values are published already.</summary>
    public void Publish()
    {
        foreach (var (id, entry) in _new)
        {
            index.Memories.Add(id, entry);
        }

        index.Memories.Order = _order;
        index.LiveBytes += _addedBytes - _deleted.Sum(index.Memories.Remove);
    }

    public void Clear()
    {
        _new.Clear();
        _deleted.Clear();
        _order = index.Memories.Order;
        _addedBytes = 0;
    }

    private static bool IsOf(UserMemory memory, string? userId) => userId is null || memory.UserId == userId;

    private void Put(MemoryEntry entry, UserMemory memory, long bytes)
    {
        _addedBytes += bytes - (entry.Head.Latest?.Bytes ?? 0);
        if (!entry.Head.IsStaged)
        {
            touched.Add(entry.Head);
        }

        entry.Head.Stage(new MemoryHead(memory, bytes));
    }

    private MemoryEntry? Find(string memoryId) => _new.TryGetValue(memoryId, out var entry) || index.Memories.TryFind(memoryId, out entry) ? entry : null;
}
