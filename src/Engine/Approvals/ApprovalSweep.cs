using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Microsoft.Extensions.Logging;

namespace Cluster.Engine.Approvals;

/// <summary>
/// Does what is left to do for approvals: those that nobody decided about in time are settled as refused, and runs that have not heard of a decision go on.
/// Several may sweep at once, in any process: the store lets one of them settle an approval, and a run goes on once.
/// </summary>
/// <param name="approvals">The approvals.</param>
/// <param name="records">Tells which run a member works for.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
public sealed partial class ApprovalSweep(IApprovalStore approvals, IRunRecords records, TimeProvider timeProvider, ILogger<ApprovalSweep> logger)
{
    private const int MaxAtOnce = 1_000;

    /// <summary>Sweeps once.</summary>
    /// <param name="continueAsync">Lets a run go on: the one that waits, or the team's when it is a member that waits.</param>
    /// <param name="isOurs">Tells which approvals to care for; null for all.</param>
    /// <param name="cancellationToken">Stops the sweep.</param>
    /// <returns>How many runs went on.</returns>
    public async Task<int> SweepAsync(
        Func<ApprovalRecord, RunContinuation, Task> continueAsync, Func<ApprovalRecord, bool>? isOurs = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(continueAsync);
        var now = timeProvider.GetUtcNow().ToUnixTimeSeconds();
        var continued = 0;
        foreach (var approval in await approvals.ListDueAsync(now, MaxAtOnce, cancellationToken))
        {
            if (isOurs?.Invoke(approval) != false && await SettleAsync(approval, now, continueAsync, cancellationToken))
            {
                continued++;
            }
        }

        return continued;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "One approval that cannot be settled now must not keep the others waiting; the next sweep tries again.")]
    private async Task<bool> SettleAsync(ApprovalRecord approval, long now, Func<ApprovalRecord, RunContinuation, Task> continueAsync, CancellationToken cancellationToken)
    {
        try
        {
            if (approval.IsOverdue(now) && await approvals.ResolveAsync(approval.Id, ApprovalAnswers.Expiry(approval, now), cancellationToken) is { Counts: true })
            {
                LogExpired(approval.Id, approval.RunId, approval.SessionId);
            }

            if (approval.RunStatus != RunStatus.Paused)
            {
                return false;
            }

            var runId = await RunLineage.RootOfAsync(approval.RunId, async id => (await records.FindAsync(id, cancellationToken))?.Output);
            await continueAsync(approval, new RunContinuation(runId) { ByApproval = true });
            return true;
        }
        catch (EngineException refusal) when (refusal is InvalidRequestException or ConflictException or NotFoundException)
        {
            LogStays(approval.RunId, approval.SessionId, approval.Id, refusal.Message);
            return false;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(failure, approval.Id, approval.RunId, approval.SessionId);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "Nobody decided about approval {ApprovalId} of run {RunId} of session {SessionId} in time")]
    private partial void LogExpired(string approvalId, string runId, string sessionId);

    [LoggerMessage(LogLevel.Debug, "Run {RunId} of session {SessionId} does not go on by approval {ApprovalId} alone: {Reason}")]
    private partial void LogStays(string runId, string sessionId, string approvalId, string reason);

    [LoggerMessage(LogLevel.Warning, "Approval {ApprovalId} of run {RunId} of session {SessionId} cannot be settled now; the next sweep tries again")]
    private partial void LogFailed(Exception failure, string approvalId, string runId, string sessionId);
}
