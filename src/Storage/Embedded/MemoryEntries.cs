using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Memory;

namespace Cluster.Storage.Embedded;

/// <summary>A memory in the index.</summary>
/// <param name="order">Its place in the order in which memories were added.</param>
internal sealed class MemoryEntry(long order)
{
    public long Order => order;

    public Versioned<MemoryHead> Head { get; } = new();
}

/// <summary>A memory as it is at one time.</summary>
/// <param name="Memory">The memory.</param>
/// <param name="Bytes">How many bytes it takes in a compacted journal, roughly.</param>
internal sealed record MemoryHead(UserMemory Memory, long Bytes);

/// <summary>The memories of the index. Readers see what is durable; only the writer changes anything.</summary>
internal sealed class MemoryEntries
{
    private readonly ConcurrentDictionary<string, MemoryEntry> _entries = new(StringComparer.Ordinal);

    /// <summary>Gets or sets the place of the newest memory in the order in which memories were added.</summary>
    public long Order { get; set; }

    /// <summary>Gives what is published, in the order in which it was added.</summary>
    public IEnumerable<UserMemory> Published => _entries.Select(pair => (pair.Value.Order, pair.Value.Head.Published?.Memory))
        .Where(entry => entry.Memory is not null)
        .OrderBy(entry => entry.Order)
        .Select(entry => entry.Memory!);

    /// <summary>Finds a memory that is durable.</summary>
    public UserMemory? FindPublished(MemoryScope scope, string memoryId) =>
        _entries.TryGetValue(memoryId, out var entry) && entry.Head.Published is { Memory: { } memory } && scope.Covers(memory) ? memory : null;

    public bool TryFind(string memoryId, [NotNullWhen(true)] out MemoryEntry? entry) => _entries.TryGetValue(memoryId, out entry);

    public void Add(string memoryId, MemoryEntry entry) => _entries[memoryId] = entry;

    /// <summary>Forgets a memory.</summary>
    /// <returns>How many bytes are dead from now on.</returns>
    public long Remove(string memoryId) => _entries.TryRemove(memoryId, out var entry) ? entry.Head.Published?.Bytes ?? 0 : 0;
}
