namespace Cluster.Engine.Memory;

/// <summary>
/// Whose memories something is about. A user who is not known cannot become everybody by accident: whoever may see all has to say so.
/// </summary>
public sealed record MemoryScope
{
    private MemoryScope(string? userId) => UserId = userId;

    /// <summary>Gets the memories of all users, for those who administer them.</summary>
    public static MemoryScope Everyone { get; } = new((string?)null);

    /// <summary>Gets the one user whose memories they are; null for those of all users.</summary>
    public string? UserId { get; }

    /// <summary>Gives the memories of one user.</summary>
    /// <param name="userId">The user.</param>
    /// <returns>The scope.</returns>
    /// <exception cref="ArgumentException">No user is named.</exception>
    public static MemoryScope Of(string userId)
    {
        ArgumentException.ThrowIfNullOrEmpty(userId);
        return new MemoryScope(userId);
    }

    /// <summary>Tells whether a memory is among them.</summary>
    /// <param name="memory">The memory.</param>
    /// <returns>True when it is.</returns>
    public bool Covers(UserMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return UserId is null || memory.UserId == UserId;
    }
}
