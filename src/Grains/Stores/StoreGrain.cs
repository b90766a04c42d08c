using System.Collections.Immutable;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Grains.Interfaces.Stores;
using Orleans.Concurrency;

namespace Cluster.Grains.Stores;

/// <summary>Hands calls to the silo's store.</summary>
/// <param name="log">The logs of runs.</param>
/// <param name="records">The records of runs.</param>
/// <param name="sessions">The sessions.</param>
/// <param name="forks">Copies sessions.</param>
[StatelessWorker]
internal sealed class StoreGrain(IRunLog log, IRunRecords records, ISessionStore sessions, ISessionForks forks) : Grain, IStoreGrain
{
    public Task<RunLogRecord?> ReadLogAsync(string runId) => log.ReadAsync(runId);

    public Task<ImmutableDictionary<string, RunLogRecord>> ReadLogsAsync(ImmutableArray<string> runIds) => log.ReadAsync(runIds);

    public Task<RunRecord?> FindRunAsync(string runId) => records.FindAsync(runId);

    public Task<RunSummary?> FindRunSummaryAsync(string runId) => records.FindSummaryAsync(runId);

    public Task<ImmutableArray<RunRecord>> ListRunsAsync(RunQuery query) => records.ListAsync(query);

    public Task<SessionRecord?> FindSessionAsync(string sessionId) => sessions.FindAsync(sessionId);

    public Task<SessionPage> ListSessionsAsync(SessionQuery query) => sessions.ListAsync(query);

    public Task<bool> CreateSessionAsync(SessionRecord session) => sessions.CreateAsync(session);

    public Task<string> ForkSessionAsync(SessionForkRequest request) => forks.ForkAsync(request);

    public Task<SessionRecord?> UpdateSessionAsync(string sessionId, SessionPatch patch) => sessions.UpdateAsync(sessionId, patch);

    public Task DeleteSessionsAsync(ImmutableArray<string> sessionIds, string? userId) => sessions.DeleteAsync(sessionIds, userId);
}
