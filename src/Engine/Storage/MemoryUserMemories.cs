using System.Collections.Immutable;
using Cluster.Engine.Limits;
using Cluster.Engine.Memory;

namespace Cluster.Engine.Storage;

/// <summary>Keeps what is remembered about users in this process and forgets it with the process. For libraries, tests and trying things out.</summary>
public sealed class MemoryUserMemories : IUserMemoryStore
{
    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, UserMemory> _memories = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task<UserMemory?> AddAsync(UserMemory memory, CancellationToken cancellationToken = default)
    {
        FieldChecks.Demand(memory);
        lock (_lock)
        {
            _memories.TryAdd(memory.MemoryId, memory);
            return Task.FromResult(Kept(MemoryScope.Of(memory.UserId), memory.MemoryId));
        }
    }

    /// <inheritdoc/>
    public Task<UserMemory?> FindAsync(MemoryScope scope, string memoryId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        lock (_lock)
        {
            return Task.FromResult(Kept(scope, memoryId));
        }
    }

    /// <inheritdoc/>
    public Task<UserMemoryPage> ListAsync(UserMemoryQuery query, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return Task.FromResult(UserMemoryListing.Page(_memories.Values, query));
        }
    }

    /// <inheritdoc/>
    public Task<UserMemory?> UpdateAsync(MemoryScope scope, string memoryId, UserMemoryPatch patch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        FieldChecks.Demand(patch);
        lock (_lock)
        {
            return Task.FromResult(Kept(scope, memoryId) is { } memory ? _memories[memoryId] = patch.ApplyTo(memory) : null);
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(MemoryScope scope, ImmutableArray<string> memoryIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        lock (_lock)
        {
            foreach (var memoryId in memoryIds.Where(memoryId => Kept(scope, memoryId) is not null))
            {
                _memories.Remove(memoryId);
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<string>> ListTopicsAsync(MemoryScope scope, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return Task.FromResult(UserMemoryListing.Topics(_memories.Values, scope));
        }
    }

    /// <inheritdoc/>
    public Task<MemoryUserPage> ListUsersAsync(MemoryUserQuery query, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return Task.FromResult(UserMemoryListing.Users(_memories.Values, query));
        }
    }

    private UserMemory? Kept(MemoryScope scope, string memoryId) =>
        _memories.TryGetValue(memoryId, out var memory) && scope.Covers(memory) ? memory : null;
}
