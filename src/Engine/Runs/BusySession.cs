using Cluster.Engine.Errors;

namespace Cluster.Engine.Runs;

/// <summary>The rule by which a run gets into a session in which others wait or work. Every mailbox applies it, wherever it lives.</summary>
public static class BusySession
{
    /// <summary>Lets a run in, unless it must not wait and would have to.</summary>
    /// <param name="request">The run.</param>
    /// <param name="ahead">The runs that wait or work, the one that works first.</param>
    /// <returns>True when the runs ahead have to give way once the run is accepted.</returns>
    /// <exception cref="ConflictException">The session is busy and the run must not wait.</exception>
    public static bool Admit(RunRequest request, IReadOnlyList<QueuedRun> ahead)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(ahead);
        if (ahead.Count > 0 && request.WhenBusy == WhenBusy.Reject && !ahead.Any(run => run.IsRepeatedBy(request)))
        {
            throw new ConflictException($"Session '{request.SessionId}' is busy with run {ahead[0].RunId}. Wait for it, cancel it, or let this run queue.");
        }

        return request.WhenBusy == WhenBusy.Interrupt;
    }
}

/// <summary>A run that waits or works in its session.</summary>
/// <param name="RunId">The run's id.</param>
/// <param name="Request">What was asked for; null where it is not known.</param>
public sealed record QueuedRun(string RunId, RunRequest? Request)
{
    internal bool IsRepeatedBy(RunRequest request) =>
        request.IdempotencyKey is { } key && Request is { } earlier
        && earlier.IdempotencyKey == key && earlier.AgentId == request.AgentId && earlier.UserId == request.UserId;
}
