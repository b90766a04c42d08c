using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Sessions;
using Cluster.Engine.Storage;

namespace Cluster.Storage.Embedded;

/// <summary>
/// What of a journal is in memory: sessions, and of each run its head and where its events and record are on disk.
/// Readers see what is durable and take no lock that the writer holds for long; only the writer changes anything, through <see cref="Staging"/>.
/// </summary>
internal sealed class StoreIndex
{
    private readonly ConcurrentDictionary<string, SessionEntry> _sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RunEntry> _runs = new(StringComparer.Ordinal);
    private readonly Dictionary<RunKey, RunEntry> _keys = [];
    private readonly SessionOrder _order = new();
    private readonly Lock _orderLock = new();

    /// <summary>Gets the approvals.</summary>
    public ApprovalEntries Approvals { get; } = new();

    /// <summary>Gets what is remembered about users.</summary>
    public MemoryEntries Memories { get; } = new();

    /// <summary>Gets or sets the largest sequence that was ever given to a run.</summary>
    public long Sequence { get; set; }

    /// <summary>Gets or sets the place of the newest session in the order of creation.</summary>
    public long SessionOrder { get; set; }

    /// <summary>Gets or sets how many bytes a compacted journal would take, roughly.</summary>
    public long LiveBytes { get; set; }

    public int SessionCount => _sessions.Count;

    public int RunCount => _runs.Count;

    /// <summary>Gives all sessions in the order of their creation.</summary>
    public IEnumerable<SessionEntry> Sessions => _sessions.Select(pair => pair.Value).OrderBy(session => session.Order);

    /// <summary>Gives all runs in the order of their acceptance.</summary>
    public IEnumerable<RunEntry> Runs => _runs.Select(pair => pair.Value).OrderBy(run => run.Sequence);

    public bool TryFindSession(string sessionId, [NotNullWhen(true)] out SessionEntry? session) => _sessions.TryGetValue(sessionId, out session);

    public bool TryFindRun(string runId, [NotNullWhen(true)] out RunEntry? run) => _runs.TryGetValue(runId, out run);

    public bool TryFindKey(RunKey key, [NotNullWhen(true)] out RunEntry? run) => _keys.TryGetValue(key, out run);

    /// <summary>Gives one page of sessions.</summary>
    public SessionPage ListSessions(SessionQuery query)
    {
        lock (_orderLock)
        {
            return _order.List(query);
        }
    }

    public void Add(string sessionId, SessionEntry session)
    {
        _sessions[sessionId] = session;
        Arrange(session);
    }

    /// <summary>Puts a session in its place in lists when it has changed.</summary>
    public void Arrange(SessionEntry session)
    {
        if (session.Head.Published?.Record is not { } record)
        {
            return;
        }

        lock (_orderLock)
        {
            if (session.Listed is { } place)
            {
                _order.Change(place, record);
            }
            else
            {
                session.Listed = _order.Add(record);
            }
        }
    }

    public void Add(RunEntry run)
    {
        _runs[run.First.RunId] = run;
        run.Session.Add(run);
        if (RunKey.Of(run.First) is { } key)
        {
            _keys[key] = run;
        }
    }

    /// <summary>Forgets a session and its runs.</summary>
    public void Remove(string sessionId)
    {
        if (!_sessions.TryRemove(sessionId, out var session))
        {
            return;
        }

        if (session.Listed is { } listed)
        {
            lock (_orderLock)
            {
                _order.Remove(listed);
            }
        }

        LiveBytes -= session.Head.Published?.Bytes ?? 0;
        foreach (var run in session.All())
        {
            _runs.TryRemove(run.First.RunId, out _);
            LiveBytes -= run.Head.Published?.Bytes ?? 0;
            if (RunKey.Of(run.First) is { } key)
            {
                _keys.Remove(key);
            }
        }
    }
}
