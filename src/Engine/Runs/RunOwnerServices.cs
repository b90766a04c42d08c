using System.Runtime.CompilerServices;
using Cluster.Engine.Sessions;
using Microsoft.Extensions.Logging;

namespace Cluster.Engine.Runs;

/// <summary>What every owner of runs works with.</summary>
/// <param name="Loop">Decides what happens next.</param>
/// <param name="Log">Keeps the events.</param>
/// <param name="Sessions">Keeps the sessions.</param>
/// <param name="TimeProvider">The clock.</param>
/// <param name="Logger">Where the owner reports.</param>
public sealed record RunOwnerServices(IRunLoop Loop, IRunLog Log, ISessionStore Sessions, TimeProvider TimeProvider, ILogger Logger)
{
    /// <summary>Gets the runs that could not be recorded in this process.</summary>
    public RunAttempts Attempts { get; } = new(TimeProvider);

    /// <summary>Takes the next step of a run.</summary>
    internal IAsyncEnumerable<RunEvent> NextAsync(RunState state, CancellationToken cancellationToken) =>
        state is { IsSessionStateStale: true, IsCancelRequested: false } ? ReadSessionStateAsync(state, cancellationToken) : Loop.StepAsync(state, cancellationToken);

    /// <summary>Reads the session when the continued run has its turn, not when it was continued: the run ahead may have been at work then.</summary>
    private async IAsyncEnumerable<RunEvent> ReadSessionStateAsync(RunState state, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A member of a team works on the copy that it got with its task.
        var session = state.Output.ParentRunId is null ? await Sessions.FindAsync(state.Request!.SessionId, cancellationToken) : null;
        yield return new SessionStateRead(session?.SessionState ?? state.SessionState) { CreatedAt = TimeProvider.GetUtcNow().ToUnixTimeSeconds() };
    }
}
