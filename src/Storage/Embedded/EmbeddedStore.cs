using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Approvals;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cluster.Storage.Embedded;

/// <summary>
/// Keeps everything in one directory, as a journal that only grows at its end. It needs no server; one process uses a directory at a time.
/// What was acknowledged is on disk and survives a crash of the process, of the machine, and of its power.
/// </summary>
[SuppressMessage("Maintainability", "CA1506:Avoid excessive class coupling", Justification = "It is where every kind of change is known.")]
public sealed class EmbeddedStore : IRunLog, IRunRecords, ISessionStore, ISessionCopies, IApprovalStore, IAsyncDisposable
{
    private readonly OpenJournal _open;
    private readonly EmbeddedApprovals _approvals;

    private EmbeddedStore(EmbeddedStorageOptions options, ILogger logger)
    {
        _open = OpenJournal.Open(options, logger);
        _approvals = new EmbeddedApprovals(_open);
    }

    /// <summary>Gets the journal, for what is kept in it beside runs and sessions.</summary>
    internal OpenJournal Journal => _open;

    /// <summary>Opens a store: takes its directory, creates it when it is not there, and reads what it holds.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="logger">Hears what was recovered, dropped and compacted; null for nobody.</param>
    /// <returns>The store. Dispose it to let other processes use the directory.</returns>
    /// <exception cref="UnavailableException">Another process uses the directory, or it cannot be written.</exception>
    /// <exception cref="InvalidDataException">The directory is damaged, or a newer version wrote it. Nothing was changed.</exception>
    public static EmbeddedStore Open(EmbeddedStorageOptions options, ILogger<EmbeddedStore>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new EmbeddedStore(options, logger ?? (ILogger)NullLogger.Instance);
    }

    /// <inheritdoc/>
    public async Task<AcceptedRun> AcceptAsync(RunAcceptance acceptance, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(acceptance);
        return (AcceptedRun)(await _open.Writer.CommitAsync(ChangeCodec.Encode(acceptance), cancellationToken))!;
    }

    /// <inheritdoc/>
    public Task AppendAsync(RunAppend append, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(append);
        return _open.Writer.CommitAsync(ChangeCodec.Encode(append), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<RunLogRecord?> ReadAsync(string runId, CancellationToken cancellationToken = default) =>
        Task.FromResult(_open.Index.TryFindRun(runId, out var run) ? _open.Reader.ReadLog(run) : null);

    /// <inheritdoc/>
    public Task<ImmutableDictionary<string, RunLogRecord>> ReadAsync(ImmutableArray<string> runIds, CancellationToken cancellationToken = default)
    {
        var logs = ImmutableDictionary.CreateBuilder<string, RunLogRecord>(StringComparer.Ordinal);
        foreach (var runId in runIds)
        {
            if (!logs.ContainsKey(runId) && _open.Index.TryFindRun(runId, out var run) && _open.Reader.ReadLog(run) is { } log)
            {
                logs.Add(runId, log);
            }
        }

        return Task.FromResult(logs.ToImmutable());
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<UnfinishedRun>> ListUnfinishedAsync(string? sessionId = null, CancellationToken cancellationToken = default)
    {
        var runs = sessionId is null ? _open.Index.Runs : _open.Index.TryFindSession(sessionId, out var session) ? session.All() : [];
        var unfinished = runs.Where(run => run.Head.Published?.Status is RunStatus.Pending or RunStatus.Running);
        return Task.FromResult(unfinished.Select(run => new UnfinishedRun(run.First.RunId, run.First.SessionId, run.Sequence, run.First.ParentRunId)).ToImmutableArray());
    }

    /// <inheritdoc/>
    Task<RunRecord?> IRunRecords.FindAsync(string runId, CancellationToken cancellationToken) =>
        Task.FromResult(_open.Index.TryFindRun(runId, out var run) ? _open.Reader.ReadRecord(run) : null);

    /// <inheritdoc/>
    public Task<RunSummary?> FindSummaryAsync(string runId, CancellationToken cancellationToken = default) =>
        Task.FromResult(_open.Index.TryFindRun(runId, out var run) ? _open.Reader.Summarize(run) : null);

    /// <inheritdoc/>
    public Task<ImmutableArray<RunRecord>> ListAsync(RunQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var runs = _open.Index.TryFindSession(query.SessionId, out var session) ? session.Last(query) : [];
        return Task.FromResult(runs.Select(_open.Reader.ReadRecord).OfType<RunRecord>().ToImmutableArray());
    }

    /// <inheritdoc/>
    public async Task<bool> CreateAsync(SessionRecord session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        return (bool)(await _open.Writer.CommitAsync(ChangeCodec.Encode(session), cancellationToken))!;
    }

    /// <inheritdoc/>
    public async Task<bool> CreateAsync(SessionCopy copy, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(copy);
        return (bool)(await _open.Writer.CommitAsync(SessionCopyCodec.Encode(copy), cancellationToken))!;
    }

    /// <inheritdoc/>
    public Task<SessionRecord?> FindAsync(string sessionId, CancellationToken cancellationToken = default) =>
        Task.FromResult(_open.Index.TryFindSession(sessionId, out var session) ? session.Head.Published?.Record : null);

    /// <inheritdoc/>
    public async Task<SessionRecord?> UpdateAsync(string sessionId, SessionPatch patch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(patch);
        return (SessionRecord?)await _open.Writer.CommitAsync(ChangeCodec.Encode(sessionId, patch), cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(ImmutableArray<string> sessionIds, string? userId, CancellationToken cancellationToken = default) =>
        _open.Writer.CommitAsync(ChangeCodec.Encode(new SessionDeletion(sessionIds, userId)), cancellationToken);

    /// <inheritdoc/>
    public Task<SessionPage> ListAsync(SessionQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Task.FromResult(_open.Index.ListSessions(query));
    }

    /// <inheritdoc/>
    Task<ApprovalRecord?> IApprovalReader.FindAsync(string approvalId, CancellationToken cancellationToken) => Task.FromResult(_approvals.Find(approvalId));

    /// <inheritdoc/>
    public Task<ApprovalPage> ListAsync(ApprovalQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Task.FromResult(_approvals.List(query));
    }

    /// <inheritdoc/>
    public Task<ResolvedApproval?> ResolveAsync(string approvalId, ApprovalResolution resolution, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resolution);
        return _approvals.ResolveAsync(approvalId, resolution, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(string approvalId, CancellationToken cancellationToken = default) => _approvals.DeleteAsync(approvalId, cancellationToken);

    /// <inheritdoc/>
    public Task<ImmutableArray<ApprovalRecord>> ListDueAsync(long now, int limit, CancellationToken cancellationToken = default) =>
        Task.FromResult(_approvals.ListDue(now, limit));

    /// <summary>Writes what waits, then closes the files and lets go of the directory.</summary>
    /// <returns>A task that ends when other processes may use the directory.</returns>
    public ValueTask DisposeAsync() => _open.DisposeAsync();

    /// <summary>Waits until no compaction is under way.</summary>
    internal Task WhenCompactedAsync() => _open.WhenCompactedAsync();
}
