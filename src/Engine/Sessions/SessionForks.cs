using Cluster.Engine.Approvals;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Sessions;

/// <summary>
/// Copies sessions in the store of this process. Runs that work, or wait for their turn or an approval, stay behind: they belong to the session as it was.
/// The runs of members stay with that of their team, and a team that waits for one that stays behind stays with it.
/// </summary>
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
        var runs = await ReadAsync(session.SessionId, cancellationToken);
        var rename = new RunRenaming(session.SessionId, copy.SessionId);
        runs.ForEach(run => rename.Name(run.Request));
        await copies.CreateAsync(new SessionCopy(copy, [.. runs.Select(run => rename.Copy(run.Log, run.IsRegenerated))]), cancellationToken);
        return copy.SessionId;
    }

    private static bool IsFor(SessionRecord session, SessionForkRequest request) =>
        session.SessionType == request.ComponentType
        && (session.ComponentId is null || session.ComponentId == request.ComponentId)
        && (request.UserId is null || session.UserId is null || session.UserId == request.UserId);

    /// <summary>Reads the runs that are copied, oldest first.</summary>
    private async Task<List<Run>> ReadAsync(string sessionId, CancellationToken cancellationToken)
    {
        var runs = new List<Run>();
        var left = new HashSet<string>(StringComparer.Ordinal);
        var lacking = new HashSet<string>(StringComparer.Ordinal);

        // Members are newer than their team.
        foreach (var record in (await records.ListAsync(new RunQuery(sessionId), cancellationToken)).Reverse())
        {
            var output = record.Output;
            if (await TryReadAsync(record, canWait: !lacking.Contains(output.RunId), cancellationToken) is { } run)
            {
                runs.Add(run);
                continue;
            }

            left.Add(output.RunId);
            if (output.ParentRunId is { } parent)
            {
                lacking.Add(parent);
            }
        }

        runs.Reverse();
        foreach (var request in runs.Select(run => run.Request).Where(request => request.ParentRunId is { } parent && left.Contains(parent)))
        {
            left.Add(request.RunId);
        }

        runs.RemoveAll(run => left.Contains(run.Request.RunId));
        return runs;
    }

    /// <summary>Reads a run that can be copied.</summary>
    /// <param name="record">The run's record.</param>
    /// <param name="canWait">True when it can be copied while it waits for a human.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    private async Task<Run?> TryReadAsync(RunRecord record, bool canWait, CancellationToken cancellationToken)
    {
        // The run may have been continued since its record was read: the log tells what it is. That it was regenerated, only the record knows.
        if (record.Output.Status is RunStatus.Pending or RunStatus.Running || await log.ReadAsync(record.Output.RunId, cancellationToken) is not { } events)
        {
            return null;
        }

        var state = events.ToState();
        var isCopied = state.Phase == RunPhase.Finished || (state.Phase == RunPhase.Paused && canWait && !ApprovalGate.IsAwaited(state));
        return isCopied ? new Run(state.Request!, events, record.Output.Status == RunStatus.Regenerated) : null;
    }

    /// <summary>A run that is copied.</summary>
    private sealed record Run(RunRequest Request, RunLogRecord Log, bool IsRegenerated);
}
