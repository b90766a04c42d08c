using System.Collections.Immutable;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Engine.Tests.Testing;

/// <summary>Real sessions and run records behind a connection that breaks so many times before it holds.</summary>
internal sealed class UnreliableStore(ISessionStore sessions, IRunRecords records, int breaks) : ISessionStore, IRunRecords
{
    private int _breaks = breaks;

    public Task<bool> CreateAsync(SessionRecord session, CancellationToken cancellationToken = default) => sessions.CreateAsync(session, cancellationToken);

    public Task<SessionRecord?> FindAsync(string sessionId, CancellationToken cancellationToken = default) => Through(() => sessions.FindAsync(sessionId, cancellationToken));

    public Task<SessionRecord?> UpdateAsync(string sessionId, SessionPatch patch, CancellationToken cancellationToken = default) =>
        sessions.UpdateAsync(sessionId, patch, cancellationToken);

    public Task DeleteAsync(ImmutableArray<string> sessionIds, string? userId, CancellationToken cancellationToken = default) =>
        sessions.DeleteAsync(sessionIds, userId, cancellationToken);

    public Task<SessionPage> ListAsync(SessionQuery query, CancellationToken cancellationToken = default) => sessions.ListAsync(query, cancellationToken);

    Task<RunRecord?> IRunRecords.FindAsync(string runId, CancellationToken cancellationToken) => records.FindAsync(runId, cancellationToken);

    public Task<RunSummary?> FindSummaryAsync(string runId, CancellationToken cancellationToken = default) => records.FindSummaryAsync(runId, cancellationToken);

    public Task<ImmutableArray<RunRecord>> ListAsync(RunQuery query, CancellationToken cancellationToken = default) => Through(() => records.ListAsync(query, cancellationToken));

    private T Through<T>(Func<T> read) => Interlocked.Decrement(ref _breaks) >= 0 ? throw new UnavailableException("The connection broke.") : read();
}
