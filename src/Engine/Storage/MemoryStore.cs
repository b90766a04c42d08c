using System.Collections.Immutable;
using Cluster.Engine.Approvals;
using Cluster.Engine.Contents;
using Cluster.Engine.Limits;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;

namespace Cluster.Engine.Storage;

/// <summary>Keeps everything in memory and forgets it with the process. For libraries, tests and trying things out.</summary>
public sealed class MemoryStore : IRunLog, IRunRecords, ISessionStore, ISessionCopies, IApprovalStore
{
    private readonly TenantId _tenant;
    private readonly Lock _lock = new();
    private readonly MemorySessions _sessions = new();
    private readonly MemoryRuns _runs;
    private readonly MemoryApprovals _approvals;

    /// <summary>Creates an empty store of one tenant.</summary>
    /// <param name="tenant">The tenant; null for the default one.</param>
    public MemoryStore(TenantId? tenant = null)
    {
        _tenant = tenant ?? TenantId.Default;
        _runs = new MemoryRuns(_tenant);
        _approvals = new MemoryApprovals(runId => _runs.Find(runId)?.Output.Status);
    }

    /// <summary>Gets the content to which runs refer; null where it stays in the runs.</summary>
    public MemoryMediaStore? Media { get; init; }

    /// <inheritdoc/>
    public Task<AcceptedRun> AcceptAsync(RunAcceptance acceptance, CancellationToken cancellationToken = default)
    {
        Ids.Demand(acceptance);
        lock (_lock)
        {
            var request = acceptance.Event.Request;
            if (_runs.FindRepeated(request) is { } known)
            {
                return Task.FromResult(new AcceptedRun(known.Output.RunId, known.Sequence, IsNew: false));
            }

            var stored = _sessions.Find(request.SessionId);
            var session = SessionAdmission.Admit(stored, acceptance);
            var run = _runs.Add(acceptance);
            _sessions.Put(session);
            Refer(run, [acceptance.Event], acceptance.Output);
            return Task.FromResult(new AcceptedRun(request.RunId, run.Sequence, IsNew: true, OpensSession: stored is null));
        }
    }

    /// <inheritdoc/>
    public Task AppendAsync(RunAppend append, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(append);
        Ids.Demand(append.RunId, "run id");
        lock (_lock)
        {
            var run = _runs.Find(append.RunId) ?? throw RunFence.Missing(append.RunId);
            RunFence.Check(append, run.Generation, run.Events.Count);
            run.Generation = append.Generation;
            run.Events.AddRange(append.Events);
            run.Output = append.Output ?? run.Output;
            Refer(run, append.Events, append.Output);
            if (append.Regenerated is { } regenerated && _runs.Find(regenerated) is { Output.Status: RunStatus.Completed or RunStatus.Error } original)
            {
                original.Output = original.Output with { Status = RunStatus.Regenerated };
            }

            _approvals.Apply(append.Approvals);
            if (append.Session is { } patch && _sessions.Find(run.SessionId) is { } session)
            {
                _sessions.Put(patch.ApplyTo(session));
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<RunLogRecord?> ReadAsync(string runId, CancellationToken cancellationToken = default)
    {
        Ids.Demand(runId, "run id");
        lock (_lock)
        {
            return Task.FromResult(_runs.Find(runId)?.ToLog());
        }
    }

    /// <inheritdoc/>
    public Task<ImmutableDictionary<string, RunLogRecord>> ReadAsync(ImmutableArray<string> runIds, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return Task.FromResult(runIds.Distinct(StringComparer.Ordinal).Select(_runs.Find).OfType<MemoryRun>().ToImmutableDictionary(run => run.Output.RunId, run => run.ToLog()));
        }
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<UnfinishedRun>> ListUnfinishedAsync(string? sessionId = null, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return Task.FromResult(_runs.ListUnfinished(sessionId));
        }
    }

    /// <inheritdoc/>
    Task<RunRecord?> IRunRecords.FindAsync(string runId, CancellationToken cancellationToken)
    {
        Ids.Demand(runId, "run id");
        lock (_lock)
        {
            return Task.FromResult(_runs.Find(runId)?.ToRecord());
        }
    }

    /// <inheritdoc/>
    public Task<RunSummary?> FindSummaryAsync(string runId, CancellationToken cancellationToken = default)
    {
        Ids.Demand(runId, "run id");
        lock (_lock)
        {
            return Task.FromResult(_runs.Find(runId) is { } run ? RunSummary.Of(run.Output, run.Request.Streamed) : null);
        }
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<RunRecord>> ListAsync(RunQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        lock (_lock)
        {
            return Task.FromResult(_runs.List(query));
        }
    }

    /// <inheritdoc/>
    public Task<bool> CreateAsync(SessionRecord session, CancellationToken cancellationToken = default)
    {
        Ids.Demand(session);
        lock (_lock)
        {
            return Task.FromResult(_sessions.TryAdd(session));
        }
    }

    /// <inheritdoc/>
    public Task<bool> CreateAsync(SessionCopy copy, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(copy);
        Ids.Demand(copy.Session);
        lock (_lock)
        {
            _runs.Demand(copy);
            if (!_sessions.TryAdd(copy.Session))
            {
                return Task.FromResult(false);
            }

            foreach (var run in _runs.Add(copy))
            {
                Refer(run, [.. run.Events], run.Output);
            }

            return Task.FromResult(true);
        }
    }

    /// <inheritdoc/>
    public Task<SessionRecord?> FindAsync(string sessionId, CancellationToken cancellationToken = default)
    {
        Ids.DemandSession(sessionId);
        lock (_lock)
        {
            return Task.FromResult(_sessions.Find(sessionId));
        }
    }

    /// <inheritdoc/>
    public Task<SessionRecord?> UpdateAsync(string sessionId, SessionPatch patch, CancellationToken cancellationToken = default)
    {
        Ids.DemandSession(sessionId);
        ArgumentNullException.ThrowIfNull(patch);
        lock (_lock)
        {
            return Task.FromResult(_sessions.Find(sessionId) is { } session ? _sessions.Put(patch.ApplyTo(session)) : null);
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
            return Task.FromResult(_sessions.List(query));
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

    private void Refer(MemoryRun run, ImmutableArray<RunEvent> events, RunOutput? output)
    {
        if (Media is { IsEmpty: false } media)
        {
            media.Refer(_tenant.Value, run.Output.RunId, run.SessionId, MediaUses.Of(events, output));
        }
    }

    private void Delete(string sessionId, string? userId)
    {
        if (_sessions.Find(sessionId) is { } session && (userId is null || session.UserId == userId))
        {
            _sessions.Remove(sessionId);
            foreach (var run in _runs.RemoveSession(sessionId))
            {
                Media?.Release(_tenant.Value, run.Output.RunId);
            }
        }
    }
}
