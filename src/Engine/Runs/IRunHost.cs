using Cluster.Engine.Errors;

namespace Cluster.Engine.Runs;

/// <summary>
/// Runs agents and lets others watch. This is all that the API knows of where runs live: in this process, or in grains of a cluster.
/// A run belongs to its host, never to the caller: a caller that goes away stops nothing.
/// </summary>
public interface IRunHost
{
    /// <summary>Accepts a run. It is recorded when the task ends and works in the background from then on.</summary>
    /// <param name="request">Who runs, and on what.</param>
    /// <param name="cancellationToken">Stops waiting; the run may have been accepted.</param>
    /// <returns>The run's id: the request's, or that of the earlier run with the same idempotency key.</returns>
    /// <exception cref="EngineException">The request was refused and changed nothing.</exception>
    Task<string> StartAsync(RunRequest request, CancellationToken cancellationToken = default);

    /// <summary>Reads the public events after a cursor, waiting for more until the run ends or pauses.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="afterIndex">The last event index that the reader has; -1 for none. A cursor beyond the end yields the last event only, so <see cref="long.MaxValue"/> waits for the outcome.</param>
    /// <param name="cancellationToken">Stops reading; it does not stop the run.</param>
    /// <returns>The events, in order, without gaps.</returns>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    IAsyncEnumerable<RunEvent> ReadEventsAsync(string runId, long afterIndex = -1, CancellationToken cancellationToken = default);

    /// <summary>Waits until a run ends or pauses.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Stops waiting; it does not stop the run.</param>
    /// <returns>What the run amounts to; of a run that ended just now with the history that the model was shown.</returns>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    /// <exception cref="UnavailableException">The run is unfinished and this host does not work on it any more.</exception>
    Task<RunOutput> WaitAsync(string runId, CancellationToken cancellationToken = default);

    /// <summary>Tells where a run stands, whether it lives or not.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The run; null when there is none.</returns>
    Task<RunSnapshot?> FindAsync(string runId, CancellationToken cancellationToken = default);

    /// <summary>Tells whose a run is and how far it is. Of one that nobody works on the record is not read, which may be large.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The run; null when there is none.</returns>
    Task<RunSummary?> FindSummaryAsync(string runId, CancellationToken cancellationToken = default);

    /// <summary>
    /// Goes on with a run: a paused one with the answers of a human, a failed one where it was well, a completed one in a new run. It is recorded when the
    /// task ends.
    /// </summary>
    /// <param name="continuation">The run, and how it goes on.</param>
    /// <param name="cancellationToken">Stops waiting; the run may go on all the same.</param>
    /// <returns>The run that goes on, and from where.</returns>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    /// <exception cref="ConflictException">The run was cancelled, is at work, or does not wait for the answers.</exception>
    /// <exception cref="InvalidRequestException">An answer is missing or does not fit, or the wishes contradict each other. The run stays as it was.</exception>
    Task<ContinuedRun> ContinueAsync(RunContinuation continuation, CancellationToken cancellationToken = default);

    /// <summary>
    /// Stops a run. The wish is recorded when the task ends. Runs that are paused or finished are left as they are; for one that is not there the wish is
    /// remembered for two minutes, so that it ends as soon as it begins.
    /// </summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Stops waiting; the wish may have been recorded.</param>
    /// <returns>A task that ends when the wish is recorded.</returns>
    Task CancelAsync(string runId, CancellationToken cancellationToken = default);
}

/// <summary>Where a run stands.</summary>
/// <param name="Output">What it amounts to so far.</param>
/// <param name="EventCount">How many public events it has so far, deltas included; null when the run is not live: reading its events tells.</param>
/// <param name="Streamed">True when the caller asked for the events.</param>
public sealed record RunSnapshot(RunOutput Output, long? EventCount, bool Streamed)
{
    /// <summary>Gets a value indicating whether more events come without anybody's help.</summary>
    public bool IsLive => Output.Status is RunStatus.Pending or RunStatus.Running;
}
