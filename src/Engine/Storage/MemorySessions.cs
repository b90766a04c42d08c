using Cluster.Engine.Sessions;

namespace Cluster.Engine.Storage;

/// <summary>The sessions of <see cref="MemoryStore"/>, which lets one caller at a time in.</summary>
internal sealed class MemorySessions
{
    private readonly Dictionary<string, SessionPlace> _sessions = new(StringComparer.Ordinal);
    private readonly SessionOrder _order = new();

    public SessionRecord? Find(string sessionId) => _sessions.GetValueOrDefault(sessionId)?.Session;

    public bool TryAdd(SessionRecord session)
    {
        if (_sessions.ContainsKey(session.SessionId))
        {
            return false;
        }

        _sessions.Add(session.SessionId, _order.Add(session));
        return true;
    }

    /// <summary>Changes a session, or adds it.</summary>
    public SessionRecord Put(SessionRecord session)
    {
        if (!TryAdd(session))
        {
            _order.Change(_sessions[session.SessionId], session);
        }

        return session;
    }

    public void Remove(string sessionId)
    {
        if (_sessions.Remove(sessionId, out var place))
        {
            _order.Remove(place);
        }
    }

    public SessionPage List(SessionQuery query) => _order.List(query);
}
