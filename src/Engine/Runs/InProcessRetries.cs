namespace Cluster.Engine.Runs;

/// <summary>Tries again the runs of this process that could not be recorded.</summary>
/// <param name="attempts">Knows them.</param>
/// <param name="owners">The runs that are at work.</param>
/// <param name="records">What became of the others.</param>
/// <param name="takeUp">Has a run of a session taken up; gives how many were.</param>
internal sealed class InProcessRetries(RunAttempts attempts, RunOwners owners, IRunRecords records, Func<string, string, CancellationToken, Task<int>> takeUp)
{
    /// <summary>Tries those for which it is time.</summary>
    /// <returns>How many are tried again.</returns>
    public async Task<int> RetryAsync(CancellationToken cancellationToken)
    {
        var retried = 0;
        foreach (var runId in attempts.Due())
        {
            if (owners.Find(runId) is not null)
            {
                continue;
            }

            // Members are started again by the runs of their teams.
            if (await records.FindSummaryAsync(runId, cancellationToken) is not { IsLive: true, ParentRunId: null, SessionId: { } sessionId })
            {
                attempts.Forget(runId);
                continue;
            }

            retried += await takeUp(sessionId, runId, cancellationToken);
            if (owners.Find(runId) is null && attempts.IsDue(runId))
            {
                attempts.Note(runId, failure: null);
            }
        }

        return retried;
    }
}
