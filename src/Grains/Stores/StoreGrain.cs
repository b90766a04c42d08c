using System.Collections.Immutable;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Stores;
using Orleans.Concurrency;

namespace Cluster.Grains.Stores;

/// <summary>Hands calls to the silo's store.</summary>
/// <param name="tenants">The stores of each tenant.</param>
[StatelessWorker]
internal sealed class StoreGrain(PerTenant<StoreGrainServices> tenants) : Grain, IStoreGrain
{
    private StoreGrainServices Store => field ??= tenants.For(TenantKey.Parse(this.GetPrimaryKeyString()).Tenant);

    public Task<RunLogRecord?> ReadLogAsync(string runId) => Store.Log.ReadAsync(runId);

    public Task<ImmutableDictionary<string, RunLogRecord>> ReadLogsAsync(ImmutableArray<string> runIds) => Store.Log.ReadAsync(runIds);

    public Task<RunRecord?> FindRunAsync(string runId) => Store.Records.FindAsync(runId);

    public Task<RunSummary?> FindRunSummaryAsync(string runId) => Store.Records.FindSummaryAsync(runId);

    public Task<ImmutableArray<RunRecord>> ListRunsAsync(RunQuery query) => Store.Records.ListAsync(query);

    public Task<SessionRecord?> FindSessionAsync(string sessionId) => Store.Sessions.FindAsync(sessionId);

    public Task<SessionPage> ListSessionsAsync(SessionQuery query) => Store.Sessions.ListAsync(query);

    public Task<bool> CreateSessionAsync(SessionRecord session) => Store.Sessions.CreateAsync(session);

    public Task<string> ForkSessionAsync(SessionForkRequest request) => Store.Forks.ForkAsync(request);

    public Task<SessionRecord?> UpdateSessionAsync(string sessionId, SessionPatch patch) => Store.Sessions.UpdateAsync(sessionId, patch);

    public Task DeleteSessionsAsync(ImmutableArray<string> sessionIds, string? userId) => Store.Sessions.DeleteAsync(sessionIds, userId);
}

/// <summary>The stores of a tenant.</summary>
/// <param name="Log">The logs.</param>
/// <param name="Records">The records.</param>
/// <param name="Sessions">The sessions.</param>
/// <param name="Forks">Copies sessions.</param>
internal sealed record StoreGrainServices(IRunLog Log, IRunRecords Records, ISessionStore Sessions, ISessionForks Forks);
