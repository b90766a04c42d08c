using System.Collections.Immutable;
using Cluster.Engine.Approvals;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Sessions;

/// <summary>Copies sessions in the store of this process. Runs that work, or wait for their turn or an approval, stay behind: they belong to the session as it was.</summary>
/// <param name="sessions">The sessions.</param>
/// <param name="records">Their runs.</param>
/// <param name="log">The logs of the runs.</param>
/// <param name="copies">Where the copy goes.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class SessionForks(ISessionStore sessions, IRunRecords records, IRunLogReader log, ISessionCopies copies, TimeProvider timeProvider) : ISessionForks
{
    /// <inheritdoc/>
    public async Task<string> ForkAsync(SessionForkRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (await sessions.FindAsync(request.SessionId, cancellationToken) is not { } session || !IsFor(session, request))
        {
            throw new InvalidRequestException($"Session '{request.SessionId}' not found");
        }

        var now = timeProvider.GetUtcNow().ToUnixTimeSeconds();
        var copy = session with { SessionId = Guid.CreateVersion7().ToString(), UserId = request.UserId ?? session.UserId, CreatedAt = now, UpdatedAt = now };
        var settled = (await records.ListAsync(new RunQuery(request.SessionId), cancellationToken))
            .Where(record => record.Output.Status is not (RunStatus.Pending or RunStatus.Running))
            .ToArray();
        var runs = new List<(RunOutput Output, RunLogRecord Log)>(settled.Length);
        foreach (var record in settled)
        {
            // The run may have been continued since its record was read: the log tells what it is. That it was regenerated, only the record knows.
            if (await log.ReadAsync(record.Output.RunId, cancellationToken) is { } events && events.ToState() is { IsSettled: true } state && !ApprovalGate.IsAwaited(state))
            {
                runs.Add((record.Output.Status == RunStatus.Regenerated ? state.Recorded with { Status = RunStatus.Regenerated } : state.Recorded, events));
            }
        }

        var rename = new Renaming(session.SessionId, copy.SessionId, runs.ToDictionary(run => run.Output.RunId, _ => Guid.CreateVersion7().ToString(), StringComparer.Ordinal));
        await copies.CreateAsync(new SessionCopy(copy, [.. runs.Select(run => rename.Copy(run.Output, run.Log))]), cancellationToken);
        return copy.SessionId;
    }

    private static bool IsFor(SessionRecord session, SessionForkRequest request) =>
        session.SessionType == SessionType.Agent
        && (session.ComponentId is null || session.ComponentId == request.ComponentId)
        && (request.UserId is null || session.UserId is null || session.UserId == request.UserId);

    /// <summary>Gives a run and all that names it new ids.</summary>
    private sealed class Renaming(string sourceId, string sessionId, Dictionary<string, string> runIds)
    {
        public RunCopy Copy(RunOutput output, RunLogRecord record) => new(
            output with
            {
                RunId = runIds[output.RunId],
                SessionId = sessionId,
                ParentRunId = Rename(output.ParentRunId),
                ForkedFromRunId = Rename(output.ForkedFromRunId),
                ForkedFromSessionId = sourceId,
                RegeneratedFrom = Rename(output.RegeneratedFrom),
            },
            record.Generation,
            [.. record.Events.Select(Copy)]);

        private RunEvent Copy(RunEvent next) => next switch
        {
            RunAccepted accepted => accepted with { Request = Copy(accepted.Request) },
            AgentEvent told => told with { RunId = Rename(told.RunId)!, SessionId = sessionId, ParentRunId = Rename(told.ParentRunId) },
            _ => next,
        };

        private RunRequest Copy(RunRequest request) => request with
        {
            RunId = Rename(request.RunId)!,
            SessionId = sessionId,
            ParentRunId = Rename(request.ParentRunId),
            IdempotencyKey = null,
            CopiedFrom = sourceId,
            Fork = request.Fork is { } fork ? fork with { RunId = Rename(fork.RunId)!, Before = null } : null,
        };

        private string? Rename(string? runId) => runId is null ? null : runIds.GetValueOrDefault(runId, runId);
    }
}
