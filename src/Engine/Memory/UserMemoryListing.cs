using System.Collections.Immutable;

namespace Cluster.Engine.Memory;

/// <summary>Filters, sorts, pages and counts memories that are in the process.</summary>
public static class UserMemoryListing
{
    /// <summary>Gives one page.</summary>
    /// <param name="memories">All memories, in the order in which they were added.</param>
    /// <param name="query">Which ones, in which order.</param>
    /// <returns>The page.</returns>
    public static UserMemoryPage Page(IEnumerable<UserMemory> memories, UserMemoryQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var matching = memories.Where(memory => Matches(memory, query)).ToArray();
        var page = Sort(query.Descending ? matching.Reverse() : matching, query);
        return new UserMemoryPage([.. page.Skip(query.Offset).Take(query.Limit)], matching.Length);
    }

    /// <summary>Gives what memories are about.</summary>
    /// <param name="memories">All memories.</param>
    /// <param name="scope">Whose.</param>
    /// <returns>Each topic once, in ordinal order.</returns>
    public static ImmutableArray<string> Topics(IEnumerable<UserMemory> memories, MemoryScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return [.. memories.Where(scope.Covers).SelectMany(memory => memory.Topics ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>Counts the memories of each user.</summary>
    /// <param name="memories">All memories.</param>
    /// <param name="query">Which users.</param>
    /// <returns>The page.</returns>
    public static MemoryUserPage Users(IEnumerable<UserMemory> memories, MemoryUserQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var users = memories.Where(query.Scope.Covers).GroupBy(memory => memory.UserId, StringComparer.Ordinal)
            .Select(own => new MemoryUser(own.Key, own.Count(), own.Max(memory => memory.UpdatedAt))).ToArray();
        var page = users.OrderByDescending(user => user.LastMemoryUpdatedAt).ThenBy(user => user.UserId, StringComparer.Ordinal);
        return new MemoryUserPage([.. page.Skip(query.Offset).Take(query.Limit)], users.Length);
    }

    private static bool Matches(UserMemory memory, UserMemoryQuery query) =>
        query.Scope.Covers(memory)
        && (query.AgentId is null || memory.AgentId == query.AgentId)
        && (query.TeamId is null || memory.TeamId == query.TeamId)
        && query.Topics.All(topic => memory.Topics?.Contains(topic, StringComparer.Ordinal) == true)
        && (string.IsNullOrEmpty(query.Contains) || memory.Memory.Contains(query.Contains, StringComparison.OrdinalIgnoreCase));

    private static IOrderedEnumerable<UserMemory> Sort(IEnumerable<UserMemory> memories, UserMemoryQuery query) => (query.SortBy, query.Descending) switch
    {
        (UserMemorySort.CreatedAt, false) => memories.OrderBy(memory => memory.CreatedAt),
        (UserMemorySort.CreatedAt, true) => memories.OrderByDescending(memory => memory.CreatedAt),
        (UserMemorySort.MemoryId, false) => memories.OrderBy(memory => memory.MemoryId, StringComparer.Ordinal),
        (UserMemorySort.MemoryId, true) => memories.OrderByDescending(memory => memory.MemoryId, StringComparer.Ordinal),
        (_, false) => memories.OrderBy(memory => memory.UpdatedAt),
        (_, true) => memories.OrderByDescending(memory => memory.UpdatedAt),
    };
}
