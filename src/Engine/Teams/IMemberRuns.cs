using Cluster.Engine.Errors;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Teams;

/// <summary>
/// Runs the members of teams. A member's run is a run of its own, in the session of its team and beside the run of its team: it does not wait for its turn.
/// Whoever leads may die and be followed by another who asks the same again.
/// </summary>
public interface IMemberRuns
{
    /// <summary>Starts a run, or makes sure that somebody works on it when it was started before. It is recorded when the task ends.</summary>
    /// <param name="request">The run. Its id, parent and idempotency key are the same whoever asks.</param>
    /// <param name="cancellationToken">Stops waiting; the run may have been accepted.</param>
    /// <returns>A task that ends when the run is on record.</returns>
    /// <exception cref="EngineException">The run was refused and changed nothing.</exception>
    Task StartAsync(RunRequest request, CancellationToken cancellationToken = default);

    /// <summary>Follows a run until it ends or pauses.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="parentRunId">The run that started it and follows it.</param>
    /// <param name="afterIndex">The last event index that the follower has; -1 for none. A cursor beyond the end yields the last event only.</param>
    /// <param name="tell">Is told the public events behind the cursor, in order.</param>
    /// <param name="cancellationToken">Stops following; it does not stop the run.</param>
    /// <returns>What the run amounts to, with or without its messages; null when its owner went away before it settled.</returns>
    /// <exception cref="HandedOverException">The run that follows is handed over to another process.</exception>
    Task<RunOutput?> FollowAsync(string runId, string parentRunId, long afterIndex, Action<RunEvent> tell, CancellationToken cancellationToken = default);

    /// <summary>Tells where a run stands.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What it amounts to; null when there is none.</returns>
    Task<RunOutput?> FindAsync(string runId, CancellationToken cancellationToken = default);

    /// <summary>Goes on with a paused run. One that does not wait for just these answers, because it has had them, is left as it is.</summary>
    /// <param name="continuation">The run and the answers.</param>
    /// <param name="cancellationToken">Stops waiting; the run may go on all the same.</param>
    /// <returns>A task that ends when the answers are on record.</returns>
    /// <exception cref="EngineException">An answer does not fit. The run stays as it was.</exception>
    Task ContinueAsync(RunContinuation continuation, CancellationToken cancellationToken = default);

    /// <summary>Stops a run, also one that waits for a human. The wish is recorded when the task ends; runs that are finished are left as they are.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Stops waiting; the wish may have been recorded.</param>
    /// <returns>A task that ends when the wish is recorded.</returns>
    Task CancelAsync(string runId, CancellationToken cancellationToken = default);
}

/// <summary>This process stops, or hands this run over, and another one goes on with it: a step that waits for members ends without an outcome, which its successor gets.</summary>
public sealed class HandedOverException : OperationCanceledException
{
    /// <summary>Creates the exception.</summary>
    public HandedOverException()
        : base("The server is stopping; the run goes on in another process.")
    {
    }
}
