using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Grains.Interfaces.Keys;
using Microsoft.Extensions.Logging;

namespace Cluster.Grains.Runs;

/// <summary>The work on runs in the background of their grains: take the run if need be, turn its loop, tell the watchers and the session how it ended.</summary>
/// <param name="records">Knows the sessions of runs that nobody owns.</param>
/// <param name="succession">Tells sessions that their next run has its turn.</param>
/// <param name="atWork">The runs that work here.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class RunWork(IRunRecords records, RunSuccession succession, RunsAtWork atWork, TimeProvider timeProvider, ILogger<RunWork> logger)
{
    private static readonly TimeSpan UnavailablePause = TimeSpan.FromSeconds(1);

    /// <summary>Works on a run as long as there is something to do here.</summary>
    /// <param name="possession">Who owns the run.</param>
    /// <param name="watchers">Who wants to hear of it.</param>
    /// <param name="key">The run.</param>
    /// <param name="stop">Ends the work before the run does.</param>
    /// <returns>True when the run has settled or is lost; false when it is to go on elsewhere.</returns>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Nobody waits for the work: what breaks here is logged, and the next sweep tries again.")]
    public async Task<bool> WorkAsync(RunPossession possession, RunWatchers watchers, RunKey key, RunStop stop)
    {
        atWork.Add(key, stop.AfterStep);
        try
        {
            var owner = await TakePatientlyAsync(possession, key.RunId, stop.At);
            if (owner is not null)
            {
                await Task.Run(() => owner.TurnAsync(stop.At, stop.AfterStep), CancellationToken.None);
                if (!owner.State.IsSettled && !owner.IsLost)
                {
                    LogStopped(key.RunId);
                    return false;
                }

                await watchers.EndAsync();
            }

            possession.End(owner);
            await TellSessionAsync(key, owner);
        }
        catch (Exception failure)
        {
            LogFailed(failure, key.RunId);
        }
        finally
        {
            atWork.Remove(key, stop.AfterStep);
        }

        return true;
    }

    /// <summary>Takes the run, however long the store is away.</summary>
    /// <returns>The owner; null when the run is over, gone or somebody else's.</returns>
    private async Task<RunOwner?> TakePatientlyAsync(RunPossession possession, string runId, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                return await possession.TakeAsync(state => !state.IsSettled, stopping);
            }
            catch (UnavailableException cause)
            {
                LogStoreAway(cause, runId, UnavailablePause);
            }
            catch (NotFoundException)
            {
                return null;
            }

            await Task.Delay(UnavailablePause, timeProvider, stopping);
        }
    }

    /// <summary>The session's next run has its turn now, unless another owner still works on this one. A session that is not reached asks by itself.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The run is over and on record, whatever keeps the call from its session.")]
    private async Task TellSessionAsync(RunKey key, RunOwner? owner)
    {
        try
        {
            var run = owner?.State.Output ?? (await records.FindAsync(key.RunId))?.Output;
            if (run is not null && owner?.IsTakenOver != true)
            {
                await succession.TellSettledAsync(key.Tenant, run);
            }
        }
        catch (Exception failure)
        {
            LogNotTold(failure, key.RunId);
        }
    }

    [LoggerMessage(LogLevel.Error, "Run {RunId} cannot be worked on here; it is looked after again within a minute")]
    private partial void LogFailed(Exception failure, string runId);

    [LoggerMessage(LogLevel.Warning, "The session of run {RunId} was not told that the run works no more; it finds out within seconds")]
    private partial void LogNotTold(Exception failure, string runId);

    [LoggerMessage(LogLevel.Information, "Run {RunId} stops on this silo and goes on elsewhere")]
    private partial void LogStopped(string runId);

    [LoggerMessage(LogLevel.Warning, "The store is out of reach for run {RunId}; trying again in {Pause}")]
    private partial void LogStoreAway(Exception cause, string runId, TimeSpan pause);
}
