namespace Cluster.Engine.Runs;

public sealed partial class InProcessRunHost
{
    /// <summary>Tries again the runs that could not be recorded, if it is time for them. Call it every second or so; it costs nothing while there are none.</summary>
    /// <param name="cancellationToken">Stops looking.</param>
    /// <returns>How many are tried again; they work in the background.</returns>
    public async Task<int> RetryAsync(CancellationToken cancellationToken = default)
    {
        var retried = 0;
        foreach (var runId in _services.Attempts.Due())
        {
            if (_owners.Find(runId) is not null)
            {
                continue;
            }

            // Members are started again by the runs of their teams.
            if (await _records.FindSummaryAsync(runId, cancellationToken) is not { IsLive: true, ParentRunId: null, SessionId: { } sessionId })
            {
                _services.Attempts.Forget(runId);
                continue;
            }

            retried += await _mailboxes.EnterAsync(sessionId, mailbox => TakeOverAsync([runId], mailbox), cancellationToken);
            if (_owners.Find(runId) is null && _services.Attempts.IsDue(runId))
            {
                _services.Attempts.Note(runId, failure: null);
            }
        }

        return retried;
    }
}
