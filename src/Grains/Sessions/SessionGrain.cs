using System.Collections.Immutable;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Runs;
using Cluster.Grains.Interfaces.Sessions;
using Orleans.Placement;

namespace Cluster.Grains.Sessions;

/// <summary>
/// The mailbox of a session. Its queue is not stored: what is unfinished stands in the log, and whoever
/// activates the mailbox anew reads it there. Its place is drawn by lot: most sessions cost the same, and their runs live beside them.
/// </summary>
/// <param name="tenants">What the sessions of each tenant work with.</param>
[RandomPlacement]
[CollectionAgeLimit("00:01:05")]
internal sealed class SessionGrain(PerTenant<SessionGrainServices> tenants) : Grain, ISessionGrain
{
    private static readonly TimeSpan CheckPeriod = TimeSpan.FromSeconds(15);

    private readonly SessionQueue _queue = new();
    private SessionKey _key = null!;
    private SessionGrainServices _services = null!;
    private IGrainTimer? _check;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = SessionKey.Parse(this.GetPrimaryKeyString());
        _services = tenants.For(_key.Tenant);
        return Task.CompletedTask;
    }

    public async Task<StartedRun> StartAsync(RunStart start)
    {
        var request = start.Request;
        if (request.SessionId != _key.SessionId)
        {
            throw new InvalidRequestException($"A run of session '{request.SessionId}' was sent to session '{_key.SessionId}'. Send it to its own.");
        }

        var acceptance = await _services.Admission.PrepareAsync(request);
        if (request.WhenBusy != WhenBusy.Queue)
        {
            // Only what is ahead decides whether the run is let in.
            await LoadAsync();
        }

        var interrupted = _queue.Admit(request);
        var accepted = await _services.Log.AcceptAsync(acceptance);
        if (!accepted.IsNew)
        {
            await _services.Runs.AdoptAsync(_key, accepted.RunId, EnsureAsync);
            return new StartedRun(accepted.RunId, IsNew: false);
        }

        await BeginAsync(acceptance, accepted, start.Watch);
        await _services.Runs.InterruptAsync(_key, interrupted);
        return new StartedRun(accepted.RunId, IsNew: true);
    }

    public async Task<ContinuedRun> ContinueAsync(SessionContinuation continuation)
    {
        await LoadAsync();
        var runId = continuation.Continuation.RunId;
        var goneOn = await _services.Runs.Of(_key, runId).ContinueAsync(continuation.Continuation, continuation.Watch);
        if (goneOn.Fork is { } fork)
        {
            return new ContinuedRun((await StartAsync(new RunStart(fork, continuation.ForkWatch))).RunId, goneOn.LastIndex);
        }

        if (!goneOn.IsBeside)
        {
            // An approval may have let it go on before: then it keeps its place.
            _queue.AddMissing(runId);
            KeepChecking();
            await TurnFirstAsync();
        }

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
        await _queue.TryLoadAsync(_services.Log, _key.SessionId, accepted.RunId, _services.Logger);
        _queue.Add(accepted.RunId, acceptance.Event.Request);
        KeepChecking();
        var hasTurn = _queue.IsLoaded && _queue.First == accepted.RunId;
        var fresh = new FreshRun(acceptance.Event, accepted.Sequence, accepted.OpensSession && hasTurn);
        await _services.Runs.TryAsync(_key, accepted.RunId, run => run.BeginAsync(fresh, watch, hasTurn));
    }

    /// <summary>Reads once which runs of the session an earlier activation left unfinished.</summary>
    private async Task LoadAsync()
    {
        await _queue.LoadAsync(_services.Log, _key.SessionId, except: null, _services.Logger);
        KeepChecking();
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
    private Task TurnFirstAsync() => _queue.IsLoaded && _queue.First is { } first ? _services.Runs.TryAsync(_key, first, run => run.TurnAsync()) : Task.CompletedTask;
}
