using Cluster.Engine.Runs;
using Cluster.Engine.Storage;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Runs;
using Cluster.Grains.Interfaces.Streams;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace Cluster.Grains.Runs;

/// <summary>
/// Gives a <see cref="RunOwner"/> an identity in the cluster. The owner works on the thread pool, so that tools which block hold up neither
/// cancelling nor reading; everything else happens in the grain's turns.
/// </summary>
[PreferLocalPlacement]
[CollectionAgeLimit(Minutes = 2)]
internal sealed class RunGrain : Grain, IRunGrain, IDisposable
{
    private static readonly TimeSpan KeepAlivePeriod = TimeSpan.FromSeconds(30);

    private readonly RunOwnerServices _services;
    private readonly IRunRecords _records;
    private readonly RunWork _works;
    private readonly TimeSpan _handOver;
    private readonly CancellationTokenSource _handingOver = new();
    private readonly CancellationTokenSource _stopping = new();
    private RunKey _key = null!;
    private RunWatchers _watchers = null!;
    private RunPossession _possession = null!;
    private Task _work = Task.CompletedTask;
    private int _continuing;
    private bool _isUnwanted;

    public RunGrain(RunOwnerServices services, IRunRecords records, RunWork works, IOptions<RunGrainOptions> options)
    {
        _services = services;
        _records = records;
        _works = works;
        _handOver = options.Value.HandOver;
    }

    private string RunId => _key.RunId;

    private RunOwner? Owner => _possession.Owner;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = RunKey.Parse(this.GetPrimaryKeyString());
        _watchers = _works.WatchersOver(this.GetStreamProvider(RunStreams.ProviderName));
        _possession = _works.PossessionOf(RunId, _services, _watchers.Follow);
        return Task.CompletedTask;
    }

    /// <summary>Ends between two steps when there is time for it, and has the run taken up elsewhere. Other runs of this silo do not wait for this one.</summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _handingOver.CancelAsync();
        await WaitAsync(_work.WaitAsync(_handOver, _services.TimeProvider, cancellationToken));
        await _stopping.CancelAsync();
        await WaitAsync(_work.WaitAsync(cancellationToken));
        if (Owner is { State: { IsSettled: false, Request: { } request }, IsLost: false })
        {
            _works.SessionOf(_key, request.SessionId).EnsureAsync([RunId]).Ignore();
        }
    }

    public void Dispose()
    {
        if (_work.IsCompleted)
        {
            Owner?.Dispose();
            _handingOver.Dispose();
            _stopping.Dispose();
        }
    }

    public async Task BeginAsync(FreshRun run, RunWatch? watch, bool hasTurn)
    {
        _possession.Begin(run);
        Hear(watch);
        if (_isUnwanted && Owner is { } unwanted)
        {
            await unwanted.CancelAsync();
        }

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
            // A pause is heard of before its work here has ended, and what ends would take what begins with it.
            while (!_work.IsCompleted && _possession.IsEnding)
            {
                await _work;
            }

            var goneOn = await _possession.ContinueAsync(continuation, _stopping.Token);
            if (goneOn.Fork is null)
            {
                Hear(watch is { WithEvents: true } ? watch with { AfterIndex = goneOn.LastIndex } : watch);
            }

            return goneOn;
        }
        finally
        {
            _continuing--;
        }
    }

    public async Task CancelAsync()
    {
        // What is not at work by its record may have begun meanwhile.
        var mayBeAtWork = Owner is not null || await MayBeAtWorkAsync();
        if (Owner is null && !mayBeAtWork)
        {
            return;
        }

        if (await TakeAsync(state => !state.IsSettled) is { } owner)
        {
            await owner.CancelAsync();
            if (_work.IsCompleted && !owner.State.IsSettled)
            {
                // The session may be waiting for this very call.
                _works.SessionOf(_key, owner.State.Request!.SessionId).EnsureAsync([RunId]).Ignore();
            }
            else if (_work.IsCompleted)
            {
                // It ended without ever having had its turn.
                await TurnAsync();
            }
        }
    }

    /// <summary>The run may begin while it is looked for, and a run that is not there yet is not to begin: as long as this activation lives, it remembers that.</summary>
    private async Task<bool> MayBeAtWorkAsync()
    {
        _isUnwanted = true;
        var record = await _records.FindAsync(RunId);
        _isUnwanted = record is null;
        return record is { Output.Status: RunStatus.Pending or RunStatus.Running };
    }

    public Task<LiveRun?> FindAsync() => Task.FromResult(
        Owner is { State.IsSettled: false } owner ? new LiveRun(owner.State.Recorded, owner.Feed.Count, owner.State.Request!.Streamed) : null);

    public Task<RunNews?> ReadAsync(long afterIndex, int limit) => Task.FromResult(Owner is { IsLost: false } owner ? RunWatchers.NewsOf(owner, afterIndex, limit) : null);

    public async Task<RunNews?> WatchAsync(RunWatch watch)
    {
        if (Owner is { } owner)
        {
            if (owner.State.IsSettled)
            {
                return null;
            }

            var news = RunWatchers.NewsOf(owner, watch.AfterIndex, int.MaxValue);

            // The owner goes on meanwhile: what is sent follows upon what is answered.
            Hear(RunWatchers.Following(news, watch));
            return news;
        }

        var record = await _records.FindAsync(RunId) ?? throw RunFence.Missing(RunId);
        if (record.Output.Status is not (RunStatus.Pending or RunStatus.Running))
        {
            return null;
        }

        Hear(watch);
        _works.SessionOf(_key, record.Output.SessionId!).EnsureAsync([RunId]).Ignore();
        return RunWatchers.NothingYet(RunId);
    }

    public Task UnwatchAsync(string watcher)
    {
        _watchers.Remove(watcher);
        return Task.CompletedTask;
    }

    private static async Task WaitAsync(Task work) =>
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

    private void Hear(RunWatch? watch)
    {
        if (watch is not null)
        {
            _watchers.Set(watch);
        }
    }

    private Task<RunOwner?> TakeAsync(Func<RunState, bool> condition) => _possession.TakeAsync(condition, _stopping.Token);

    /// <summary>Works, and keeps the activation alive meanwhile: neither model calls nor timers of others do that.</summary>
    private async Task WorkAsync()
    {
        using var keepAlive = this.RegisterGrainTimer(
            static _ => Task.CompletedTask, new GrainTimerCreationOptions { DueTime = KeepAlivePeriod, Period = KeepAlivePeriod, Interleave = true, KeepAlive = true });
        if (!await _works.WorkAsync(_possession, _watchers, _key, new RunStop(_handingOver.Token, _stopping.Token)))
        {
            return;
        }

        _possession.End();
        if (_continuing == 0)
        {
            DeactivateOnIdle();
        }
    }
}
