using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Storage;

namespace Cluster.Storage.Embedded;

/// <summary>
/// Applies changes to the index in two steps: each change is checked and staged on top of those before it, and when the whole batch is durable
/// all are published. Replay goes the same way. Only the writer uses it.
/// </summary>
[SuppressMessage("Maintainability", "CA1506:Avoid excessive class coupling", Justification = "It is where every kind of change is known.")]
internal sealed class Staging
{
    private readonly Dictionary<string, SessionEntry> _newSessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RunEntry> _newRuns = new(StringComparer.Ordinal);
    private readonly Dictionary<RunKey, RunEntry> _newKeys = [];
    private readonly List<IStaged> _touched = [];
    private readonly List<string> _deleted = [];
    private readonly HashSet<SessionEntry> _changedSessions = [];
    private readonly StoreIndex _index;
    private readonly ApprovalStaging _approvals;
    private readonly MemoryStaging _memories;
    private long _sequence;
    private long _order;
    private long _addedBytes;

    /// <summary>Creates it over an index.</summary>
    /// <param name="index">The index.</param>
    public Staging(StoreIndex index)
    {
        _index = index;
        _approvals = new ApprovalStaging(index, _touched);
        _memories = new MemoryStaging(index, _touched);
        (_sequence, _order) = (index.Sequence, index.SessionOrder);
    }

    /// <summary>Checks and stages a change.</summary>
    /// <param name="change">The change.</param>
    /// <param name="place">Where its frame will stand.</param>
    /// <returns>What to answer, and whether the frame has to be written.</returns>
    /// <exception cref="EngineException">It is refused and nothing was staged.</exception>
    public Staged Stage(Change change, FramePlace place) => change switch
    {
        RunRecorded recorded => Stage(recorded, place),
        RunExtended extended => Stage(extended, place),
        SessionCreated created => Stage(created, place),
        SessionCopied copied => Stage(copied, place),
        SessionChanged changed => Stage(changed, place),
        SessionsDeleted deleted => Stage(deleted.Head),
        SequenceReached reached => Stage(reached.Head),
        ApprovalPut put => _approvals.Stage(put, Frame.PrefixSize + place.Layout.Head),
        ApprovalResolved resolved => _approvals.Stage(resolved),
        ApprovalDeleted gone => _approvals.Stage(gone),
        MemoryAdded added => _memories.Stage(added, Frame.PrefixSize + place.Layout.Head),
        MemoryChanged memory => _memories.Stage(memory, Frame.PrefixSize + place.Layout.Head),
        MemoriesDeleted memories => _memories.Stage(memories),
        _ => throw new ArgumentOutOfRangeException(nameof(change)),
    };

    /// <summary>Shows everything that was staged.</summary>
    public void Publish()
    {
        foreach (var touched in _touched)
        {
            touched.Publish();
        }

        foreach (var (sessionId, session) in _newSessions)
        {
            _index.Add(sessionId, session);
        }

        foreach (var session in _changedSessions)
        {
            _index.Arrange(session);
        }

        foreach (var run in _newRuns.Values)
        {
            _index.Add(run);
        }

        _index.Sequence = _sequence;
        _index.SessionOrder = _order;
        _index.LiveBytes += _addedBytes;
        _approvals.Publish();
        _memories.Publish();
        foreach (var sessionId in _deleted)
        {
            _index.Remove(sessionId);
        }

        Clear();
    }

    /// <summary>Takes everything back that was staged.</summary>
    public void Discard()
    {
        foreach (var touched in _touched)
        {
            touched.Discard();
        }

        Clear();
    }

    private Staged Stage(RunRecorded recorded, FramePlace place)
    {
        var head = recorded.Head;
        var key = RunKey.Of(head);
        if (key is { } known && (_newKeys.TryGetValue(known, out var earlier) || _index.TryFindKey(known, out earlier)))
        {
            return new Staged(new AcceptedRun(earlier.First.RunId, earlier.Sequence, IsNew: false), IsWritten: false);
        }

        var session = FindSession(head.SessionId);
        var stored = session?.Head.Latest?.Record;
        var admitted = Admit(recorded, stored);
        if (FindRun(head.RunId) is not null)
        {
            throw SessionAdmission.RunExists(head.RunId);
        }

        var opensSession = session is null;
        session = session is not null && ReferenceEquals(admitted, stored) ? session : Put(session, admitted, place);
        var run = new RunEntry(head, head.Sequence ?? _sequence + 1, session);
        _sequence = Math.Max(_sequence, run.Sequence);
        _newRuns.Add(head.RunId, run);
        if (key is { } newKey)
        {
            _newKeys.Add(newKey, run);
        }

        var bytes = Frame.PrefixSize + place.Layout.Head + place.Layout.Events + place.Layout.Output;
        Touch(run.Head, new RunHead(head.Status, head.Generation, head.EventCount, new LogFrame(place.Events, null), place.Output, bytes));
        _addedBytes += bytes;
        return new Staged(new AcceptedRun(head.RunId, run.Sequence, IsNew: true, opensSession), IsWritten: true);
    }

    private static SessionRecord Admit(RunRecorded recorded, SessionRecord? stored) => recorded.Acceptance is { } acceptance
        ? SessionAdmission.Admit(stored, acceptance)
        : stored ?? throw new NotFoundException($"Session '{recorded.Head.SessionId}' does not exist.");

    private Staged Stage(RunExtended extended, FramePlace place)
    {
        var change = extended.Head;
        var run = FindRun(change.RunId);
        if (run?.Head.Latest is not { } head)
        {
            throw RunFence.Missing(change.RunId);
        }

        RunFence.Check(change.ToFence(), head.Generation, head.Length);
        var grown = head with
        {
            Generation = change.Generation,
            Length = head.Length + change.EventCount,
            Frames = place.Layout.Events == 0 ? head.Frames : new LogFrame(place.Events, head.Frames),
            Bytes = head.Bytes + place.Layout.Events,
        };
        if (change.Status is { } status)
        {
            var bytes = grown.Bytes + place.Layout.Output - head.Output.Length;
            grown = grown with { Status = status, Output = place.Output, Bytes = bytes };
        }

        Touch(run.Head, grown);
        _addedBytes += grown.Bytes - head.Bytes;
        if (change.Regenerated is { } regenerated && FindRun(regenerated)?.Head is { Latest: { Status: RunStatus.Completed or RunStatus.Error } original } versions)
        {
            Touch(versions, original with { Status = RunStatus.Regenerated });
        }

        if (extended.Session is { } patch && run.Session.Head.Latest is { } session)
        {
            Put(run.Session, patch.ApplyTo(session.Record), place);
        }

        _approvals.Stage(extended.Approvals, Frame.PrefixSize + place.Layout.Head);

        return new Staged(Answer: null, IsWritten: true);
    }

    private Staged Stage(SessionCreated created, FramePlace place)
    {
        if (FindSession(created.Session.SessionId) is not null)
        {
            return new Staged(Answer: false, IsWritten: false);
        }

        Put(session: null, created.Session, place);
        return new Staged(Answer: true, IsWritten: true);
    }

    private Staged Stage(SessionCopied copied, FramePlace place)
    {
        if (copied.Head.Runs.FirstOrDefault(copy => FindRun(copy.Run.RunId) is not null) is { } known)
        {
            throw SessionAdmission.RunExists(known.Run.RunId);
        }

        if (FindSession(copied.Session.SessionId) is not null)
        {
            return new Staged(Answer: false, IsWritten: false);
        }

        var session = Put(session: null, copied.Session, place);
        var (events, output) = (place.Events, place.Output);
        foreach (var copy in copied.Head.Runs)
        {
            var run = new RunEntry(copy.Run, ++_sequence, session);
            _newRuns.Add(copy.Run.RunId, run);
            (events, output) = (events with { Length = copy.Events }, output with { Length = copy.Output });
            var bytes = Frame.PrefixSize + copy.Events + copy.Output;
            Touch(run.Head, new RunHead(copy.Run.Status, copy.Run.Generation, copy.Run.EventCount, new LogFrame(events, null), output, bytes));
            _addedBytes += bytes;
            (events, output) = (events with { Offset = events.Offset + copy.Events }, output with { Offset = output.Offset + copy.Output });
        }

        return new Staged(Answer: true, IsWritten: true);
    }

    private Staged Stage(SessionChanged changed, FramePlace place)
    {
        if (FindSession(changed.SessionId) is not { Head.Latest: { } head } session)
        {
            return new Staged(Answer: null, IsWritten: false);
        }

        var record = changed.Patch.ApplyTo(head.Record);
        Put(session, record, place);
        return new Staged(record, IsWritten: true);
    }

    private Staged Stage(SessionDeletion deletion)
    {
        foreach (var sessionId in deletion.SessionIds)
        {
            if (_index.TryFindSession(sessionId, out var session) && (deletion.UserId is null || session.Head.Published?.Record.UserId == deletion.UserId))
            {
                _deleted.Add(sessionId);
            }
        }

        return new Staged(Answer: null, IsWritten: _deleted.Count > 0);
    }

    private Staged Stage(SequenceMark mark)
    {
        _sequence = Math.Max(_sequence, mark.Sequence);
        return new Staged(Answer: null, IsWritten: true);
    }

    private SessionEntry Put(SessionEntry? session, SessionRecord record, FramePlace place)
    {
        if (session is null)
        {
            session = new SessionEntry(++_order);
            _newSessions.Add(record.SessionId, session);
        }
        else
        {
            _changedSessions.Add(session);
        }

        // A patch replaces members, so the session is about as large as the largest thing that was ever written of it.
        var before = session.Head.Latest?.Bytes ?? 0;
        var bytes = Math.Max(before, Frame.PrefixSize + place.Layout.Session);
        Touch(session.Head, new SessionHead(record, bytes));
        _addedBytes += bytes - before;
        return session;
    }

    private void Touch<T>(Versioned<T> value, T staged)
        where T : class
    {
        if (!value.IsStaged)
        {
            _touched.Add(value);
        }

        value.Stage(staged);
    }

    private SessionEntry? FindSession(string sessionId) =>
        _newSessions.TryGetValue(sessionId, out var session) || _index.TryFindSession(sessionId, out session) ? session : null;

    private RunEntry? FindRun(string runId) => _newRuns.TryGetValue(runId, out var run) || _index.TryFindRun(runId, out run) ? run : null;

    private void Clear()
    {
        _newSessions.Clear();
        _newRuns.Clear();
        _newKeys.Clear();
        _touched.Clear();
        _deleted.Clear();
        _changedSessions.Clear();
        _sequence = _index.Sequence;
        _order = _index.SessionOrder;
        _addedBytes = 0;
        _approvals.Clear();
        _memories.Clear();
    }
}

/// <summary>What became of a change.</summary>
/// <param name="Answer">What to tell the caller when it is durable.</param>
/// <param name="IsWritten">False when there is nothing to write.</param>
internal sealed record Staged(object? Answer, bool IsWritten);
