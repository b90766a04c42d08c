using System.Collections.Immutable;

namespace Cluster.Engine.Memory;

/// <summary>Keeps what is remembered about users. Memories outlive the sessions and runs in which they came up.</summary>
public interface IUserMemoryStore
{
    /// <summary>Keeps a memory, unless one with its id is there: adding the same again adds nothing.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="cancellationToken">Stops waiting; the memory may have been kept.</param>
    /// <returns>The user's memory with this id, as it is now; null when another user's has the id.</returns>
    Task<UserMemory?> AddAsync(UserMemory memory, CancellationToken cancellationToken = default);

    /// <summary>Looks a memory up.</summary>
    /// <param name="scope">Whose.</param>
    /// <param name="memoryId">The memory's id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The memory; null when the scope has none with this id.</returns>
    Task<UserMemory?> FindAsync(MemoryScope scope, string memoryId, CancellationToken cancellationToken = default);

    /// <summary>Lists memories, one page at a time.</summary>
    /// <param name="query">Which ones, in which order.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The page.</returns>
    Task<UserMemoryPage> ListAsync(UserMemoryQuery query, CancellationToken cancellationToken = default);

    /// <summary>Changes a memory.</summary>
    /// <param name="scope">Whose.</param>
    /// <param name="memoryId">The memory's id.</param>
    /// <param name="patch">The change.</param>
    /// <param name="cancellationToken">Stops waiting; the change may have been made.</param>
    /// <returns>The memory as it is now; null when the scope has none with this id.</returns>
    Task<UserMemory?> UpdateAsync(MemoryScope scope, string memoryId, UserMemoryPatch patch, CancellationToken cancellationToken = default);

    /// <summary>Forgets memories. Ids that the scope does not have are passed over.</summary>
    /// <param name="scope">Whose.</param>
    /// <param name="memoryIds">The memories' ids.</param>
    /// <param name="cancellationToken">Stops waiting; they may have been forgotten.</param>
    /// <returns>A task that ends when they are gone.</returns>
    Task DeleteAsync(MemoryScope scope, ImmutableArray<string> memoryIds, CancellationToken cancellationToken = default);

    /// <summary>Lists what memories are about.</summary>
    /// <param name="scope">Whose.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Each topic once, in ordinal order.</returns>
    Task<ImmutableArray<string>> ListTopicsAsync(MemoryScope scope, CancellationToken cancellationToken = default);

    /// <summary>Counts the memories of each user, one page at a time; who has changed one last comes first.</summary>
    /// <param name="query">Which users.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The page.</returns>
    Task<MemoryUserPage> ListUsersAsync(MemoryUserQuery query, CancellationToken cancellationToken = default);
}

/// <summary>Which memories to list. Filters that are null or empty let everything through.</summary>
/// <param name="Scope">Whose.</param>
public sealed record UserMemoryQuery(MemoryScope Scope)
{
    /// <summary>Gets the agent that remembered them.</summary>
    public string? AgentId { get; init; }

    /// <summary>Gets the team that remembered them.</summary>
    public string? TeamId { get; init; }

    /// <summary>Gets what they are all about: a memory has every one of these topics, written exactly so.</summary>
    public ImmutableArray<string> Topics { get; init; } = [];

    /// <summary>Gets a part of what is remembered, in upper or lower case.</summary>
    public string? Contains { get; init; }

    /// <summary>Gets the order. The default is by the last change.</summary>
    public UserMemorySort SortBy { get; init; }

    /// <summary>Gets a value indicating whether the newest or last come first. The default is true.</summary>
    public bool Descending { get; init; } = true;

    /// <summary>Gets how many memories to pass over. The default is 0.</summary>
    public int Offset { get; init; }

    /// <summary>Gets how many memories to list at most. The default is 20; 0 only counts.</summary>
    public int Limit { get; init; } = 20;
}

/// <summary>By what memories are sorted. Those that are equal stand in the order in which they were added.</summary>
public enum UserMemorySort
{
    /// <summary>By the last change.</summary>
    UpdatedAt,

    /// <summary>By when they were remembered.</summary>
    CreatedAt,

    /// <summary>By their ids.</summary>
    MemoryId,
}

/// <summary>One page of memories.</summary>
/// <param name="Memories">The memories of the page.</param>
/// <param name="TotalCount">How many memories match on all pages together.</param>
public sealed record UserMemoryPage(ImmutableArray<UserMemory> Memories, int TotalCount);

/// <summary>Which users' memories to count.</summary>
/// <param name="Scope">Whose.</param>
public sealed record MemoryUserQuery(MemoryScope Scope)
{
    /// <summary>Gets how many users to pass over. The default is 0.</summary>
    public int Offset { get; init; }

    /// <summary>Gets how many users to list at most. The default is 20; 0 only counts.</summary>
    public int Limit { get; init; } = 20;
}

/// <summary>How much is remembered about a user.</summary>
/// <param name="UserId">The user.</param>
/// <param name="TotalMemories">How many memories there are.</param>
/// <param name="LastMemoryUpdatedAt">When one last changed, in Unix seconds.</param>
public sealed record MemoryUser(string UserId, int TotalMemories, long LastMemoryUpdatedAt);

/// <summary>One page of users.</summary>
/// <param name="Users">The users of the page.</param>
/// <param name="TotalCount">How many users there are on all pages together.</param>
public sealed record MemoryUserPage(ImmutableArray<MemoryUser> Users, int TotalCount);
