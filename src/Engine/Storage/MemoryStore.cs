using System.Collections.Immutable;
using Cluster.Engine.Approvals;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Engine.Storage;

/// <summary>Keeps everything in memory and forgets it with the process. For libraries, tests and trying things out.</summary>
public sealed class MemoryStore : IRunLog, IRunRecords, ISessionStore, ISessionCopies, IApprovalStore
{
    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, SessionRecord> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StoredRun> _runs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<StoredRun>> _runsOfSession = new(StringComparer.Ordinal);
    private readonly Dictionary<(string AgentId, string? UserId, string Key), string> _runsByKey = [];
    private readonly MemoryApprovals _approvals;
    private long _sequence;

    /// <summary>Creates an empty store.</summary>
    public MemoryStore() => _approvals = new MemoryApprovals(runId => _runs.TryGetValue(runId, out var run) ? run.Output.Status : null);

    /// <inheritdoc/>
    public Task<AcceptedRun> AcceptAsync(RunAcceptance acceptance, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(acceptance);
        lock (_lock)
        {
            var request = acceptance.Event.Request;
            if (request.IdempotencyKey is { } key && _runsByKey.TryGetValue((request.AgentId, request.UserId, key), out var known))
            {
                return Task.FromResult(new AcceptedRun(known, _runs[known].Sequence, IsNew: false));
            }

            _sessions.TryGetValue(request.SessionId, out var stored);
            var session = SessionAdmission.Admit(stored, acceptance);
            var run = new StoredRun(++_sequence, acceptance.Event, acceptance.Output);
            if (!_runs.TryAdd(request.RunId, run))
            {
                throw SessionAdmission.RunExists(request.RunId);
            }

            _sessions[request.SessionId] = session;
            if (!_runsOfSession.TryGetValue(request.SessionId, out var runs))
            {
                _runsOfSession[request.SessionId] = runs = [];
            }

            runs.Add(run);
            if (request.IdempotencyKey is { } newKey)
            {
                _runsByKey[(request.AgentId, request.UserId, newKey)] = request.RunId;
            }

            return Task.FromResult(new AcceptedRun(request.RunId, run.Sequence, IsNew: true, OpensSession: stored is null));
        }
    }

    /// <inheritdoc/>
    public Task AppendAsync(RunAppend append, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(append);
        lock (_lock)
        {
            if (!_runs.TryGetValue(append.RunId, out var run))
            {
                throw RunFence.Missing(append.RunId);
            }

            RunFence.Check(append, run.Generation, run.Events.Count);
            run.Generation = append.Generation;
            run.Events.AddRange(append.Events);
            run.Output = append.Output ?? run.Output;
            if (append.Regenerated is { } regenerated && _runs.TryGetValue(regenerated, out var original))
            {
                original.Output = original.Output with { Status = RunStatus.Regenerated };
            }

            _approvals.Apply(append.Approvals);
            if (append.Session is { } patch && _sessions.TryGetValue(run.SessionId, out var session))
            {
                _sessions[run.SessionId] = patch.ApplyTo(session);
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<RunLogRecord?> ReadAsync(string runId, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return Task.FromResult(_runs.TryGetValue(runId, out var run) ? new RunLogRecord(run.Generation, run.Sequence, [.. run.Events]) : null);
        }
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<UnfinishedRun>> ListUnfinishedAsync(string? sessionId = null, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            var unfinished = _runs.Values.Where(run => run.Output.Status is RunStatus.Pending or RunStatus.Running && (sessionId is null || run.SessionId == sessionId));
            return Task.FromResult(unfinished.OrderBy(run => run.Sequence).Select(run => new UnfinishedRun(run.Output.RunId, run.SessionId, run.Sequence)).ToImmutableArray());
        }
    }

    /// <inheritdoc/>
    Task<RunRecord?> IRunRecords.FindAsync(string runId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult(_runs.TryGetValue(runId, out var run) ? run.ToRecord() : null);
        }
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<RunRecord>> ListAsync(RunQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        lock (_lock)
        {
            var newestFirst = _runsOfSession.GetValueOrDefault(query.SessionId, []).AsEnumerable().Reverse().Where(run => run.Matches(query));
            return Task.FromResult(newestFirst.Take(query.Last ?? int.MaxValue).Reverse().Select(run => run.ToRecord()).ToImmutableArray());
        }
    }

    /// <inheritdoc/>
    public Task<bool> CreateAsync(SessionRecord session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        lock (_lock)
        {
            return Task.FromResult(_sessions.TryAdd(session.SessionId, session));
        }
    }

    /// <inheritdoc/>
    public Task<bool> CreateAsync(SessionCopy copy, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(copy);
        lock (_lock)
        {
            if (copy.Runs.FirstOrDefault(run => _runs.ContainsKey(run.Output.RunId)) is { } known)
            {
                throw SessionAdmission.RunExists(known.Output.RunId);
            }

            if (!_sessions.TryAdd(copy.Session.SessionId, copy.Session))
            {
                return Task.FromResult(false);
            }

            List<StoredRun> runs = [.. copy.Runs.Select(run => new StoredRun(++_sequence, run))];
            _runsOfSession[copy.Session.SessionId] = runs;
            runs.ForEach(run => _runs.Add(run.Output.RunId, run));
            return Task.FromResult(true);
        }
    }

    /// <inheritdoc/>
    public Task<SessionRecord?> FindAsync(string sessionId, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return Task.FromResult(_sessions.GetValueOrDefault(sessionId));
        }
    }

    /// <inheritdoc/>
    public Task<SessionRecord?> UpdateAsync(string sessionId, SessionPatch patch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(patch);
        lock (_lock)
        {
            return Task.FromResult(_sessions.TryGetValue(sessionId, out var session) ? _sessions[sessionId] = patch.ApplyTo(session) : null);
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(ImmutableArray<string> sessionIds, string? userId, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            foreach (var sessionId in sessionIds)
            {
                Delete(sessionId, userId);
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<SessionPage> ListAsync(SessionQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        lock (_lock)
        {
            return Task.FromResult(SessionListing.Page(_sessions.Values, query));
        }
    }

    /// <inheritdoc/>
    Task<ApprovalRecord?> IApprovalReader.FindAsync(string approvalId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult(_approvals.Find(approvalId));
        }
    }

    /// <inheritdoc/>
    public Task<ApprovalPage> ListAsync(ApprovalQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        lock (_lock)
        {
            return Task.FromResult(_approvals.List(query));
        }
    }

    /// <inheritdoc/>
    public Task<ResolvedApproval?> ResolveAsync(string approvalId, ApprovalResolution resolution, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resolution);
        lock (_lock)
        {
            return Task.FromResult(_approvals.Resolve(approvalId, resolution));
        }
    }

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(string approvalId, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return Task.FromResult(_approvals.Delete(approvalId));
        }
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<ApprovalRecord>> ListDueAsync(long now, int limit, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return Task.FromResult(_approvals.ListDue(now, limit));
        }
    }

    private void Delete(string sessionId, string? userId)
    {
        if (!_sessions.TryGetValue(sessionId, out var session) || (userId is not null && session.UserId != userId))
        {
            return;
        }

        _sessions.Remove(sessionId);
        _runsOfSession.Remove(sessionId, out var runs);
        foreach (var run in runs ?? [])
        {
            _runs.Remove(run.Output.RunId);
            if (run.Request.IdempotencyKey is { } key)
            {
                _runsByKey.Remove((run.Request.AgentId, run.Request.UserId, key));
            }
        }
    }

    private sealed class StoredRun(long sequence, RunAccepted first, RunOutput output)
    {
        public StoredRun(long sequence, RunCopy copy)
            : this(sequence, (RunAccepted)copy.Events[0], copy.Output)
        {
            Events = [.. copy.Events];
            Generation = copy.Generation;
        }

        public long Sequence { get; } = sequence;

        public RunRequest Request { get; } = first.Request;

        public string SessionId => Request.SessionId;

        public List<RunEvent> Events { get; } = [first];

        public RunOutput Output { get; set; } = output;

        public long Generation { get; set; } = 1;

        public RunRecord ToRecord() => new(Sequence, Request.Streamed, Output);

        public bool Matches(RunQuery query) =>
            (query.Status is null || Output.Status == query.Status)
            && (query.Before is null || Sequence < query.Before)
            && (!query.TopLevelOnly || Output.ParentRunId is null);
    }
}
