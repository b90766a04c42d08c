using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Runs;
using Cluster.Grains.Interfaces.Streams;

namespace Cluster.Grains.Runs;

/// <summary>
/// Gives a <see cref="RunOwner"/> an identity in the cluster. The owner works on the thread pool, so that tools which block hold up neither
/// cancelling nor reading; everything else happens in the grain's turns.
/// </summary>
/// <param name="tenants">What it works with.</param>
[RunPlacement]
[CollectionAgeLimit("00:01:05")]
internal sealed class RunGrain(PerTenant<RunGrainServices> tenants) : Grain, IRunGrain, IDisposable
{
    private static readonly TimeSpan KeepAlivePeriod = TimeSpan.FromSeconds(30);

    private RunKey _key = null!;
    private RunGrainServices _services = null!;
    private RunDeparture _departure = null!;
    private RunWatchers _watchers = null!;
    private RunPossession _possession = null!;
    private RunCancellation _cancellation = null!;
    private RunObservation _observation = null!;
    private Task _work = Task.CompletedTask;
    private int _continuing;

    private RunOwner? Owner => _possession.Owner;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = RunKey.Parse(this.GetPrimaryKeyString());
        _services = tenants.For(_key.Tenant);
        _departure = _services.NewDeparture();
        _watchers = _services.NewWatchers(this.GetStreamProvider(RunStreams.ProviderName));
        _possession = _services.NewPossession(_key.RunId, _watchers.Follow);
        _cancellation = new RunCancellation(_key, _possession, _services.Records, _services.Succession);
        _observation = new RunObservation(_key, _possession, _watchers, _services.Records, _services.Succession);
        return Task.CompletedTask;
    }

    /// <summary>Ends between two steps when there is time for it, and has the run taken up elsewhere. Other runs of this silo do not wait for this one.</summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _departure.LeaveAsync(_work, cancellationToken);
        if (Owner is { State: { IsSettled: false } state, IsLost: false })
        {
            _services.Succession.TakeUp(_key.Tenant, state.Output);
        }
    }

    public void Dispose()
    {
        if (_work.IsCompleted)
        {
            _possession?.Owner?.Dispose();
            _departure?.Dispose();
        }
    }

    public async Task BeginAsync(FreshRun run, RunWatch? watch, bool hasTurn)
    {
        _possession.Begin(run);
        _watchers.Hear(watch);
        await _cancellation.BeginAsync();
        if (hasTurn || Owner?.State.IsSettled == true)
        {
            await TurnAsync();
        }
    }

    public Task TurnAsync()
    {
        if (_work.IsCompleted)
        {
            _work = WorkAsync();
        }

        return Task.CompletedTask;
    }

    public async Task<RunGoneOn> ContinueAsync(RunContinuation continuation, RunWatch? watch)
    {
        _continuing++;
        try
        {
            var goneOn = await _possession.ContinueAsync(continuation, () => _work, _departure.Stop.At);
            if (goneOn.Fork is null)
            {
                _watchers.Hear(watch is { WithEvents: true } ? watch with { AfterIndex = goneOn.LastIndex } : watch);
            }

            await (goneOn.IsBeside ? TurnAsync() : Task.CompletedTask);
            return goneOn;
        }
        finally
        {
            _continuing--;
        }
    }

    public async Task CancelAsync()
    {
        if (await _cancellation.CancelAsync(() => !_work.IsCompleted, _departure.Stop.At))
        {
            await TurnAsync();
        }
    }

    public Task<LiveRun?> FindAsync() => Task.FromResult(_observation.Find());

    public Task<RunSummary?> FindSummaryAsync() => Task.FromResult(_observation.FindSummary());

    public Task<RunNews?> ReadAsync(long afterIndex, int limit) => Task.FromResult(_observation.Read(afterIndex, limit));

    public Task<RunNews?> WatchAsync(RunWatch watch) => _observation.WatchAsync(watch);

    public Task UnwatchAsync(string watcher)
    {
        _watchers.Remove(watcher);
        return Task.CompletedTask;
    }

    public Task HearAsync(RunNews news)
    {
        _services.Followed.Receive(news);
        return Task.CompletedTask;
    }

    /// <summary>Works, and keeps the activation alive meanwhile: neither model calls nor timers of others do that.</summary>
    private async Task WorkAsync()
    {
        using var keepAlive = this.RegisterGrainTimer(
            static _ => Task.CompletedTask, new GrainTimerCreationOptions { DueTime = KeepAlivePeriod, Period = KeepAlivePeriod, Interleave = true, KeepAlive = true });
        if (await _services.Work.WorkAsync(_possession, _watchers, _key, _departure.Stop) && _continuing == 0)
        {
            _possession.End(Owner);
            DeactivateOnIdle();
        }
    }
}
