using System.Collections.Immutable;

namespace Cluster.Engine.Sessions;

/// <summary>Keeps sessions. Runs create and update their own through <see cref="Runs.IRunLog"/>, in one step with their events.</summary>
public interface ISessionStore
{
    /// <summary>Creates a session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Stops waiting; the session may have been created.</param>
    /// <returns>True when it was created, false when the id is taken and nothing changed.</returns>
    Task<bool> CreateAsync(SessionRecord session, CancellationToken cancellationToken = default);

    /// <summary>Looks a session up.</summary>
    /// <param name="sessionId">The session's id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The session; null when there is none.</returns>
    Task<SessionRecord?> FindAsync(string sessionId, CancellationToken cancellationToken = default);

    /// <summary>Changes a session.</summary>
    /// <param name="sessionId">The session's id.</param>
    /// <param name="patch">The change.</param>
    /// <param name="cancellationToken">Stops waiting; the change may have been made.</param>
    /// <returns>The session as it is now; null when there is none.</returns>
    Task<SessionRecord?> UpdateAsync(string sessionId, SessionPatch patch, CancellationToken cancellationToken = default);

    /// <summary>Deletes sessions with their runs. Ids without a session are passed over.</summary>
    /// <param name="sessionIds">The sessions' ids.</param>
    /// <param name="userId">Deletes only sessions of this user; null for any.</param>
    /// <param name="cancellationToken">Stops waiting; the deletion may have happened.</param>
    /// <returns>A task that ends when they are gone.</returns>
    Task DeleteAsync(ImmutableArray<string> sessionIds, string? userId, CancellationToken cancellationToken = default);

    /// <summary>Lists sessions, one page at a time.</summary>
    /// <param name="query">Which ones, in which order.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The page.</returns>
    Task<SessionPage> ListAsync(SessionQuery query, CancellationToken cancellationToken = default);
}

/// <summary>Which sessions to list. Filters that are null let everything through.</summary>
public sealed record SessionQuery
{
    /// <summary>Gets the kind of component.</summary>
    public SessionType? SessionType { get; init; }

    /// <summary>Gets the component that sessions belong to.</summary>
    public string? ComponentId { get; init; }

    /// <summary>Gets the user that sessions belong to.</summary>
    public string? UserId { get; init; }

    /// <summary>Gets a part of the given name, in any case.</summary>
    public string? NameContains { get; init; }

    /// <summary>Gets what to sort by. Sessions that are equal in it follow in the order of their creation.</summary>
    public SessionSort SortBy { get; init; }

    /// <summary>Gets a value indicating whether the largest come first.</summary>
    public bool Descending { get; init; } = true;

    /// <summary>Gets how many sessions to pass over. The default is 0.</summary>
    public int Offset { get; init; }

    /// <summary>Gets how many sessions to list at most, from 1. The default is 20.</summary>
    public int Limit { get; init; } = 20;
}

/// <summary>What to sort sessions by.</summary>
public enum SessionSort
{
    /// <summary>The time of creation.</summary>
    CreatedAt,

    /// <summary>The time of the last change.</summary>
    UpdatedAt,

    /// <summary>The id, by ordinal comparison.</summary>
    SessionId,
}

/// <summary>One page of sessions.</summary>
/// <param name="Sessions">The sessions of the page.</param>
/// <param name="TotalCount">How many sessions match on all pages together.</param>
public sealed record SessionPage(ImmutableArray<SessionRecord> Sessions, int TotalCount);
