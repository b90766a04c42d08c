using System.Collections.Immutable;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;

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

    /// <summary>Goes on with a paused run. The answers are recorded when the task ends.</summary>
    /// <param name="continuation">The answers.</param>
    /// <param name="cancellationToken">Stops waiting; the answers may have been recorded.</param>
    /// <returns>The index of the last event before the run goes on: a reader from there sees only what is new.</returns>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    /// <exception cref="ConflictException">The run is not paused.</exception>
    /// <exception cref="InvalidRequestException">An answer is missing or does not fit. The run stays paused.</exception>
    Task<long> ContinueAsync(RunContinuation continuation, CancellationToken cancellationToken = default);

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

/// <summary>What a human decided about a paused run.</summary>
/// <param name="RunId">The run's id.</param>
/// <param name="Tools">The tool calls with the answers filled in; null or empty when nothing was decided, which rejects what needs confirmation.</param>
public sealed record RunContinuation(string RunId, ImmutableArray<ToolExecution>? Tools)
{
    /// <summary>Gets who answers; null when nobody is named.</summary>
    public string? By { get; init; }

    /// <summary>
    /// Finds out whether there is nothing to record: an approval has let the run go on before its caller did, and the caller brings no answers of their own.
    /// </summary>
    /// <param name="state">The run.</param>
    /// <returns>The index of the last event before the run went on; null when the run is to be continued.</returns>
    public long? FindDone(RunState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Tools is not { IsEmpty: false } && state.Phase != RunPhase.Paused && state.Output.Status != RunStatus.Cancelled ? state.ApprovedAfter : null;
    }
}
