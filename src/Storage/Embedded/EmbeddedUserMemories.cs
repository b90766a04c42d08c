using System.Collections.Immutable;
using Cluster.Engine.Memory;

namespace Cluster.Storage.Embedded;

/// <summary>Keeps what is remembered about users in the journal of an <see cref="EmbeddedStore"/>. All of it is in memory, too.</summary>
public sealed class EmbeddedUserMemories : IUserMemoryStore
{
    private readonly OpenJournal _open;

    /// <summary>Creates it. It does not own the store.</summary>
    /// <param name="store">The store.</param>
    public EmbeddedUserMemories(EmbeddedStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _open = store.Journal;
    }

    /// <inheritdoc/>
    public async Task<UserMemory?> AddAsync(UserMemory memory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return (UserMemory?)await _open.Writer.CommitAsync(MemoryCodec.Encode(memory), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<UserMemory?> FindAsync(MemoryScope scope, string memoryId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return Task.FromResult(_open.Index.Memories.FindPublished(scope, memoryId));
    }

    /// <inheritdoc/>
    public Task<UserMemoryPage> ListAsync(UserMemoryQuery query, CancellationToken cancellationToken = default) =>
        Task.FromResult(UserMemoryListing.Page(_open.Index.Memories.Published, query));

    /// <inheritdoc/>
    public async Task<UserMemory?> UpdateAsync(MemoryScope scope, string memoryId, UserMemoryPatch patch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(patch);
        return (UserMemory?)await _open.Writer.CommitAsync(MemoryCodec.Encode(new MemoryChange(memoryId, scope.UserId, patch)), cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(MemoryScope scope, ImmutableArray<string> memoryIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return _open.Writer.CommitAsync(MemoryCodec.Encode(new MemoryDeletion(memoryIds, scope.UserId)), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<string>> ListTopicsAsync(MemoryScope scope, CancellationToken cancellationToken = default) =>
        Task.FromResult(UserMemoryListing.Topics(_open.Index.Memories.Published, scope));

    /// <inheritdoc/>
    public Task<MemoryUserPage> ListUsersAsync(MemoryUserQuery query, CancellationToken cancellationToken = default) =>
        Task.FromResult(UserMemoryListing.Users(_open.Index.Memories.Published, query));
}
