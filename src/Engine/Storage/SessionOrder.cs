using Cluster.Engine.Sessions;

namespace Cluster.Engine.Storage;

/// <summary>
/// Sessions in each order in which they are listed, so that a page costs what it shows and not what there is. Whoever filters looks at all of them, without
/// holding any but those of the page. It takes no locks.
/// </summary>
public sealed class SessionOrder
{
    private readonly SortedSet<SessionPlace> _byCreation = new(Comparer<SessionPlace>.Create(static (left, right) => Compare(left.Session.CreatedAt.CompareTo(right.Session.CreatedAt), left, right)));
    private readonly SortedSet<SessionPlace> _byUpdate = new(Comparer<SessionPlace>.Create(static (left, right) => Compare(left.Session.UpdatedAt.CompareTo(right.Session.UpdatedAt), left, right)));
    private readonly SortedSet<SessionPlace> _byId = new(Comparer<SessionPlace>.Create(static (left, right) => string.CompareOrdinal(left.Session.SessionId, right.Session.SessionId)));
    private long _creation;

    /// <summary>Puts a session in as the newest of all.</summary>
    /// <param name="session">The session. Its id is not taken.</param>
    /// <returns>Its place.</returns>
    public SessionPlace Add(SessionRecord session)
    {
        ArgumentNullException.ThrowIfNull(session);
        var place = new SessionPlace(session, ++_creation);
        _byCreation.Add(place);
        _byUpdate.Add(place);
        _byId.Add(place);
        return place;
    }

    /// <summary>Changes a session, whose id and time of creation stay.</summary>
    /// <param name="place">Its place.</param>
    /// <param name="session">The session as it is now.</param>
    public void Change(SessionPlace place, SessionRecord session)
    {
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(session);
        if (session.UpdatedAt == place.Session.UpdatedAt)
        {
            place.Session = session;
            return;
        }

        _byUpdate.Remove(place);
        place.Session = session;
        _byUpdate.Add(place);
    }

    /// <summary>Takes a session out.</summary>
    /// <param name="place">Its place.</param>
    public void Remove(SessionPlace place)
    {
        _byCreation.Remove(place);
        _byUpdate.Remove(place);
        _byId.Remove(place);
    }

    /// <summary>Gives one page.</summary>
    /// <param name="query">Which sessions, in which order.</param>
    /// <returns>The page.</returns>
    public SessionPage List(SessionQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var order = query.SortBy switch { SessionSort.UpdatedAt => _byUpdate, SessionSort.SessionId => _byId, _ => _byCreation };
        var sorted = (query.Descending ? order.Reverse() : order).Select(place => place.Session);
        if (query is { SessionType: null, ComponentId: null, UserId: null, NameContains: null })
        {
            return new SessionPage([.. sorted.Skip(query.Offset).Take(query.Limit)], order.Count);
        }

        var (page, count) = (new List<SessionRecord>(), 0);
        foreach (var session in sorted.Where(session => SessionListing.Matches(session, query)))
        {
            if (count >= query.Offset && page.Count < query.Limit)
            {
                page.Add(session);
            }

            count++;
        }

        return new SessionPage([.. page], count);
    }

    private static int Compare(int byTime, SessionPlace left, SessionPlace right) => byTime != 0 ? byTime : left.Creation.CompareTo(right.Creation);
}

/// <summary>A session in its order.</summary>
/// <param name="session">The session.</param>
/// <param name="creation">Its place in the order of creation.</param>
public sealed class SessionPlace(SessionRecord session, long creation)
{
    /// <summary>Gets the session as it is.</summary>
    public SessionRecord Session { get; internal set; } = session;

    /// <summary>Gets the place in the order of creation, from 1.</summary>
    internal long Creation => creation;
}
