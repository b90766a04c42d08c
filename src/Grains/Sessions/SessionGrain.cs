using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Runs;
using Cluster.Grains.Interfaces.Sessions;
using Microsoft.Extensions.Logging;
using Orleans.Placement;

namespace Cluster.Grains.Sessions;

/// <summary>
/// The mailbox of a session. Its queue is not stored: what is unfinished stands in the log, and whoever
/// activates the mailbox anew reads it there. Its place is drawn by lot: most sessions cost the same, and their runs live beside them.
/// </summary>
/// <param name="log">Records runs and knows the unfinished ones.</param>
/// <param name="records">Knows the runs of repeated requests.</param>
/// <param name="admission">Turns requests into records.</param>
/// <param name="runs">Where the runs are.</param>
/// <param name="logger">Where it reports.</param>
[RandomPlacement]
[CollectionAgeLimit(Minutes = 2)]
internal sealed partial class SessionGrain(
    IRunLog log, IRunRecords records, RunAdmission admission, GrainKind<IRunGrain> runs, ILogger<SessionGrain> logger)
    : Grain, ISessionGrain
{
    private static readonly TimeSpan CheckPeriod = TimeSpan.FromSeconds(15);

    private readonly SessionQueue _queue = new();
    private SessionKey _key = null!;
    private IGrainTimer? _check;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = SessionKey.Parse(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public async Task<StartedRun> StartAsync(RunStart start)
    {
        var request = start.Request;
        if (request.SessionId != _key.SessionId)
        {
            throw new InvalidRequestException($"A run of session '{request.SessionId}' was sent to session '{_key.SessionId}'. Send it to its own.");
        }

        var acceptance = admission.Prepare(request);
        if (request.WhenBusy != WhenBusy.Queue)
        {
            // Only what is ahead decides whether the run is let in.
            await LoadAsync();
        }

        var interrupted = _queue.Admit(request);
        var accepted = await log.AcceptAsync(acceptance);
        if (!accepted.IsNew)
        {
            await AdoptAsync(accepted.RunId);
            return new StartedRun(accepted.RunId, IsNew: false);
        }

        await BeginAsync(acceptance, accepted, start.Watch);
        await InterruptAsync(interrupted);
        return new StartedRun(accepted.RunId, IsNew: true);
    }

    public async Task<ContinuedRun> ContinueAsync(SessionContinuation continuation)
    {
        await LoadAsync();
        var runId = continuation.Continuation.RunId;
        var goneOn = await RunOf(runId).ContinueAsync(continuation.Continuation, continuation.Watch);
        if (goneOn.Fork is { } fork)
        {
            return new ContinuedRun((await StartAsync(new RunStart(fork, continuation.ForkWatch))).RunId, goneOn.LastIndex);
        }

        // An approval may have let it go on before: then it keeps its place.
        _queue.AddMissing(runId);
        KeepChecking();
        await TurnFirstAsync();
        return new ContinuedRun(runId, goneOn.LastIndex);
    }

    public async Task EnsureAsync(ImmutableArray<string> runIds)
    {
        await LoadAsync();
        foreach (var runId in runIds)
        {
            _queue.AddMissing(runId);
        }

        KeepChecking();
        await TurnFirstAsync();
    }

    public async Task SettledAsync(string runId)
    {
        var wasFirst = _queue.First == runId;
        _queue.Remove(runId);
        if (_queue.First is null)
        {
            _check?.Dispose();
            _check = null;
        }
        else if (wasFirst)
        {
            await TurnFirstAsync();
        }
    }

    private async Task BeginAsync(RunAcceptance acceptance, AcceptedRun accepted, RunWatch? watch)
    {
        // A session that did not exist has no other runs.
        _queue.IsLoaded |= accepted.OpensSession;
        await TryLoadAsync(accepted.RunId);
        _queue.Add(accepted.RunId, acceptance.Event.Request);
        KeepChecking();
        var hasTurn = _queue.IsLoaded && _queue.First == accepted.RunId;
        var fresh = new FreshRun(acceptance.Event, accepted.Sequence, accepted.OpensSession && hasTurn);
        await TryAsync(accepted.RunId, run => run.BeginAsync(fresh, watch, hasTurn));
    }

    /// <summary>The run at work comes last: when it ends, the next one must know already that it is not to begin.</summary>
    private async Task InterruptAsync(ImmutableArray<string> ahead)
    {
        await Task.WhenAll(ahead.Skip(1).Select(runId => TryAsync(runId, run => run.CancelAsync())));
        await Task.WhenAll(ahead.Take(1).Select(runId => TryAsync(runId, run => run.CancelAsync())));
    }

    /// <summary>Reads once which runs of the session an earlier activation left unfinished.</summary>
    /// <param name="except">A run that was accepted here; null for none.</param>
    private async Task LoadAsync(string? except = null)
    {
        if (!_queue.IsLoaded)
        {
            await _queue.LoadAsync(log, _key.SessionId, except, logger);
            KeepChecking();
        }
    }

    /// <summary>
    /// Does the same for a run that was accepted: to ask for it is to be told of it, whatever becomes of the store now. Without knowing what is ahead no run
    /// has its turn; the check tries again.
    /// </summary>
    private async Task TryLoadAsync(string accepted)
    {
        try
        {
            await LoadAsync(accepted);
        }
        catch (EngineException failure)
        {
            // The run is on record: nothing may refuse it any more.
            LogNotLoaded(failure, _key.SessionId, accepted);
        }
    }

    /// <summary>Goes on with an earlier run that a repeated request asked for: it may have lost its owner before anybody heard of it.</summary>
    private async Task AdoptAsync(string runId)
    {
        if (await records.FindAsync(runId) is not { Output: { Status: RunStatus.Pending or RunStatus.Running, SessionId: { } sessionId } })
        {
            return;
        }

        if (sessionId == _key.SessionId)
        {
            await EnsureAsync([runId]);
        }
        else
        {
            await GrainFactory.GetGrain<ISessionGrain>(new SessionKey(_key.Tenant, sessionId).ToString()).EnsureAsync([runId]);
        }
    }

    /// <summary>Calls the first run again and again while there is one: a call may have been lost, or the run's silo may have died.</summary>
    private void KeepChecking()
    {
        if (_queue.First is not null)
        {
            _check ??= this.RegisterGrainTimer(
                static (grain, _) => grain.CheckAsync(), this, new GrainTimerCreationOptions { DueTime = CheckPeriod, Period = CheckPeriod, Interleave = true, KeepAlive = true });
        }
    }

    /// <summary>The check interleaves with calls; what is unfinished must not be read by two at once, so that is left to a call of its own.</summary>
    private Task CheckAsync() => _queue.IsLoaded ? TurnFirstAsync() : this.AsReference<ISessionGrain>().EnsureAsync([]);

    /// <summary>Gives the first run its turn. It may have it already, or may have to be taken over from a silo that died.</summary>
    private Task TurnFirstAsync() => _queue.IsLoaded && _queue.First is { } first ? TryAsync(first, run => run.TurnAsync()) : Task.CompletedTask;

    /// <summary>The run is on record. A call that does not reach it is made again by the check, or by the next sweep.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever keeps the call from the run's grain now, the request that led here has succeeded.")]
    private async Task TryAsync(string runId, Func<IRunGrain, Task> call)
    {
        try
        {
            await call(RunOf(runId));
        }
        catch (Exception failure)
        {
            LogNotReached(failure, runId, _key.SessionId);
        }
    }

    private IRunGrain RunOf(string runId) => runs.Get(new RunKey(_key.Tenant, runId).ToString());

    [LoggerMessage(LogLevel.Warning, "What is unfinished in session {SessionId} could not be read; run {RunId} waits until it can be")]
    private partial void LogNotLoaded(Exception failure, string sessionId, string runId);

    [LoggerMessage(LogLevel.Warning, "Run {RunId} of session {SessionId} was not reached; it is called again")]
    private partial void LogNotReached(Exception failure, string runId, string sessionId);
}
