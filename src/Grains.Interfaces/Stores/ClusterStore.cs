using System.Collections.Immutable;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Grains.Interfaces.Runs;

namespace Cluster.Grains.Interfaces.Stores;

/// <summary>Reads and changes what the silos keep, without a way of its own to their database.</summary>
/// <param name="grains">Where the store's grain is.</param>
/// <param name="calls">Calls it.</param>
internal sealed class ClusterStore(IGrainFactory grains, GrainCalls calls) : IRunLogReader, IRunRecords, ISessionStore, ISessionForks
{
    private IStoreGrain Store => grains.GetGrain<IStoreGrain>(0);

    /// <inheritdoc/>
    public Task<RunLogRecord?> ReadAsync(string runId, CancellationToken cancellationToken = default) =>
        calls.RepeatAsync(() => Store.ReadLogAsync(runId), cancellationToken);

    /// <inheritdoc/>
    public Task<ImmutableDictionary<string, RunLogRecord>> ReadAsync(ImmutableArray<string> runIds, CancellationToken cancellationToken = default) =>
        calls.RepeatAsync(() => Store.ReadLogsAsync(runIds), cancellationToken);

    /// <inheritdoc/>
    Task<RunRecord?> IRunRecords.FindAsync(string runId, CancellationToken cancellationToken) =>
        calls.RepeatAsync(() => Store.FindRunAsync(runId), cancellationToken);

    /// <inheritdoc/>
    public Task<RunSummary?> FindSummaryAsync(string runId, CancellationToken cancellationToken = default) =>
        calls.RepeatAsync(() => Store.FindRunSummaryAsync(runId), cancellationToken);

    /// <inheritdoc/>
    public Task<ImmutableArray<RunRecord>> ListAsync(RunQuery query, CancellationToken cancellationToken = default) =>
        calls.RepeatAsync(() => Store.ListRunsAsync(query), cancellationToken);

    /// <inheritdoc/>
    Task<SessionRecord?> ISessionStore.FindAsync(string sessionId, CancellationToken cancellationToken) =>
        calls.RepeatAsync(() => Store.FindSessionAsync(sessionId), cancellationToken);

    /// <inheritdoc/>
    public Task<SessionPage> ListAsync(SessionQuery query, CancellationToken cancellationToken = default) =>
        calls.RepeatAsync(() => Store.ListSessionsAsync(query), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> CreateAsync(SessionRecord session, CancellationToken cancellationToken = default) =>
        calls.OnceAsync(() => Store.CreateSessionAsync(session), cancellationToken);

    /// <inheritdoc/>
    public Task<string> ForkAsync(SessionForkRequest request, CancellationToken cancellationToken = default) =>
        calls.OnceAsync(() => Store.ForkSessionAsync(request), cancellationToken);

    /// <inheritdoc/>
    public Task<SessionRecord?> UpdateAsync(string sessionId, SessionPatch patch, CancellationToken cancellationToken = default) =>
        calls.RepeatAsync(() => Store.UpdateSessionAsync(sessionId, patch), cancellationToken);

    /// <inheritdoc/>
    public Task DeleteAsync(ImmutableArray<string> sessionIds, string? userId, CancellationToken cancellationToken = default) =>
        calls.RepeatAsync(() => Store.DeleteSessionsAsync(sessionIds, userId), cancellationToken);
}
