using System.Collections.Immutable;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Grains.Interfaces.Stores;

/// <summary>
/// The silos' store, for clients that have no access to the database or may not write to it. It keeps nothing itself: any silo answers. See
/// <see cref="IRunLog"/>, <see cref="IRunRecords"/> and <see cref="ISessionStore"/> for what the calls mean.
/// </summary>
[Alias("cluster.store")]
public interface IStoreGrain : IGrainWithStringKey
{
    /// <summary>Reads a run's log.</summary>
    /// <param name="runId">The run's id.</param>
    /// <returns>The log; null when there is no such run.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    [Alias("read-log")]
    Task<RunLogRecord?> ReadLogAsync(string runId);

    /// <summary>Reads the logs of several runs.</summary>
    /// <param name="runIds">The runs' ids.</param>
    /// <returns>The logs by run id. Runs that do not exist are left out.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    [Alias("read-logs")]
    Task<ImmutableDictionary<string, RunLogRecord>> ReadLogsAsync(ImmutableArray<string> runIds);

    /// <summary>Looks a run up.</summary>
    /// <param name="runId">The run's id.</param>
    /// <returns>The record; null when there is none.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    [Alias("find-run")]
    Task<RunRecord?> FindRunAsync(string runId);

    /// <summary>Tells whose a run is and how far it is, without reading its record.</summary>
    /// <param name="runId">The run's id.</param>
    /// <returns>The run; null when there is none.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    [Alias("find-run-summary")]
    Task<RunSummary?> FindRunSummaryAsync(string runId);

    /// <summary>Lists the runs of a session, oldest first.</summary>
    /// <param name="query">Which ones.</param>
    /// <returns>The records.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    [Alias("list-runs")]
    Task<ImmutableArray<RunRecord>> ListRunsAsync(RunQuery query);

    /// <summary>Looks a session up.</summary>
    /// <param name="sessionId">The session's id.</param>
    /// <returns>The session; null when there is none.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    [Alias("find-session")]
    Task<SessionRecord?> FindSessionAsync(string sessionId);

    /// <summary>Lists sessions, one page at a time.</summary>
    /// <param name="query">Which ones, in which order.</param>
    /// <returns>The page.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    [Alias("list-sessions")]
    Task<SessionPage> ListSessionsAsync(SessionQuery query);

    /// <summary>Creates a session.</summary>
    /// <param name="session">The session.</param>
    /// <returns>True when it was created, false when the id is taken and nothing changed.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    [Alias("create-session")]
    Task<bool> CreateSessionAsync(SessionRecord session);

    /// <summary>Copies a session with its runs.</summary>
    /// <param name="request">Which session, and for whom.</param>
    /// <returns>The id of the new session.</returns>
    /// <exception cref="InvalidRequestException">There is no such session for this agent and user.</exception>
    /// <exception cref="UnavailableException">The store is away.</exception>
    [Alias("fork-session")]
    Task<string> ForkSessionAsync(SessionForkRequest request);

    /// <summary>Changes a session.</summary>
    /// <param name="sessionId">The session's id.</param>
    /// <param name="patch">The change.</param>
    /// <returns>The session as it is now; null when there is none.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    [Alias("update-session")]
    Task<SessionRecord?> UpdateSessionAsync(string sessionId, SessionPatch patch);

    /// <summary>Deletes sessions with their runs. Ids without a session are passed over.</summary>
    /// <param name="sessionIds">The sessions' ids.</param>
    /// <param name="userId">Deletes only sessions of this user; null for any.</param>
    /// <returns>A task that ends when they are gone.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    [Alias("delete-sessions")]
    Task DeleteSessionsAsync(ImmutableArray<string> sessionIds, string? userId);
}
