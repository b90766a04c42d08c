using Cluster.Engine.Approvals;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Sessions;

/// <summary>
/// Copies sessions in the store of this process. Runs that work, or wait for their turn or an approval, stay behind: they belong to the session as it was.
/// So do the teams of such runs, and their members.
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
        var all = await records.ListAsync(new RunQuery(request.SessionId), cancellationToken);
        var runs = new List<SettledRun>(all.Length);
        foreach (var record in all.Where(record => record.Output.Status is not (RunStatus.Pending or RunStatus.Running)))
        {
            // The run may have been continued since its record was read: the log tells what it is. That it was regenerated, only the record knows.
            if (await log.ReadAsync(record.Output.RunId, cancellationToken) is { } events && events.ToState() is { IsSettled: true } state && !ApprovalGate.IsAwaited(state))
            {
                runs.Add(new SettledRun(record.Output.Status == RunStatus.Regenerated ? state.Recorded with { Status = RunStatus.Regenerated } : state.Recorded, events));
            }
        }

        var whole = Whole(runs, all.Select(record => record.Output.RunId).ToHashSet(StringComparer.Ordinal));
        var rename = new RunRenaming(session.SessionId, copy.SessionId, whole);
        await copies.CreateAsync(new SessionCopy(copy, [.. whole.Select(rename.Copy)]), cancellationToken);
        return copy.SessionId;
    }

    private static bool IsFor(SessionRecord session, SessionForkRequest request) =>
        session.SessionType == request.SessionType
        && (session.ComponentId is null || session.ComponentId == request.ComponentId)
        && (request.UserId is null || session.UserId is null || session.UserId == request.UserId);

    /// <summary>A team's run and those of its members are copied together or not at all: a copy that went on with a member of the other session would change that.</summary>
    private static List<SettledRun> Whole(List<SettledRun> runs, HashSet<string> existing)
    {
        while (true)
        {
            var copied = runs.Select(run => run.Output.RunId).ToHashSet(StringComparer.Ordinal);
            var whole = runs.FindAll(run => (run.Output.ParentRunId is not { } parent || copied.Contains(parent) || !existing.Contains(parent))
                && run.Members.All(member => copied.Contains(member) || !existing.Contains(member)));
            if (whole.Count == runs.Count)
            {
                return whole;
            }

            runs = whole;
        }
    }
}
