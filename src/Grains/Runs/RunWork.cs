using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Sessions;
using Microsoft.Extensions.Logging;
using Orleans.Streams;

namespace Cluster.Grains.Runs;

/// <summary>The work on runs in the background of their grains: take the run if need be, turn its loop, tell the watchers and the session how it ended.</summary>
/// <param name="records">Knows the sessions of runs that nobody owns.</param>
/// <param name="admission">Checks what humans decide.</param>
/// <param name="grains">Where the sessions are.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class RunWork(IRunRecords records, RunAdmission admission, IGrainFactory grains, TimeProvider timeProvider, ILogger<RunWork> logger)
{
    private static readonly TimeSpan UnavailablePause = TimeSpan.FromSeconds(1);

    private readonly GrainKind<ISessionGrain> _sessions = new(grains);

    /// <summary>Works on a run as long as there is something to do here.</summary>
    /// <param name="possession">Who owns the run.</param>
    /// <param name="watchers">Who wants to hear of it.</param>
    /// <param name="key">The run.</param>
    /// <param name="stop">Ends the work before the run does.</param>
    /// <returns>True when the run has settled or is lost; false when it is to go on elsewhere.</returns>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Nobody waits for the work: what breaks here is logged, and the next sweep tries again.")]
    public async Task<bool> WorkAsync(RunPossession possession, RunWatchers watchers, RunKey key, RunStop stop)
    {
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

            possession.End();
            await TellSessionAsync(key, owner);
        }
        catch (Exception failure)
        {
            LogFailed(failure, key.RunId);
        }

        return true;
    }

    /// <summary>Gives the watchers of one run: nobody yet.</summary>
    public RunWatchers WatchersOver(IStreamProvider streams) => new(streams, timeProvider, logger);

    /// <summary>Gives who owns one run: nobody yet.</summary>
    public RunPossession PossessionOf(string runId, RunOwnerServices services, Action<RunOwner> owned) => new(runId, services, admission, owned);

    /// <summary>Gives the session's grain.</summary>
    public ISessionGrain SessionOf(RunKey key, string sessionId) => _sessions.Get(new SessionKey(key.Tenant, sessionId).ToString());

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
            var sessionId = owner?.State.Request!.SessionId ?? (await records.FindAsync(key.RunId))?.Output.SessionId;
            if (sessionId is not null && owner?.IsTakenOver != true)
            {
                await SessionOf(key, sessionId).SettledAsync(key.RunId);
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

/// <summary>What ends the work on a run before the run does.</summary>
/// <param name="AfterStep">Ends it after the step that is under way.</param>
/// <param name="At">Ends it where it is.</param>
internal sealed record RunStop(CancellationToken AfterStep, CancellationToken At);
