using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Cluster.Engine.Errors;
using Cluster.Engine.Limits;
using Cluster.Engine.Storage;

namespace Cluster.Engine.Runs;

/// <summary>The owners that live in this process: of the runs that wait or work, and of the last ones that settled.</summary>
/// <param name="services">What owners work with.</param>
internal sealed class RunOwners(RunOwnerServices services)
{
    private readonly ConcurrentDictionary<string, RunOwner> _owners = new(StringComparer.Ordinal);

    /// <summary>Gets what reads back the runs that do not live here.</summary>
    public required SharedRunLogs Logs { get; set; }

    /// <summary>Gets or sets what keeps runs at hand that have settled: whoever started one may still want its outcome.</summary>
    public SettledRuns Settled { get; set; } = new();

    public IEnumerable<RunOwner> All => _owners.Values;

    public RunOwner? Find(string runId) => _owners.GetValueOrDefault(runId);

    /// <summary>Reads the public events of a run after a cursor: those that its owner makes, or those that are on record.</summary>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    public async IAsyncEnumerable<RunEvent> ReadAsync(string runId, long afterIndex, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Find(runId) is { } owner)
        {
            await foreach (var next in owner.Feed.ReadAsync(afterIndex, cancellationToken))
            {
                yield return next;
            }

            yield break;
        }

        using var stored = await Logs.OpenAsync(runId, cancellationToken) ?? throw RunFence.Missing(runId);
        RunEvent? last = null;
        foreach (var next in stored.Events)
        {
            cancellationToken.ThrowIfCancellationRequested();
            last = next;
            if (next.EventIndex > afterIndex)
            {
                yield return next;
            }
        }

        // As in a feed: a cursor beyond the end yields the outcome.
        if (last is not null && afterIndex > last.EventIndex)
        {
            yield return last;
        }
    }

    /// <summary>Owns a run that was just accepted.</summary>
    public RunOwner Own(RunState accepted) => _owners[accepted.Output.RunId] = new RunOwner(services, accepted);

    /// <summary>Owns a run whose owner is gone.</summary>
    /// <returns>The owner; null when another one was faster, or the run is gone too.</returns>
    public async Task<RunOwner?> TakeOverAsync(string runId, RunLogRecord log, CancellationToken stopping)
    {
        try
        {
            return _owners[runId] = await RunOwner.TakeOverAsync(services, log, stopping);
        }
        catch (EngineException gone) when (gone is FencedException or NotFoundException)
        {
            RunOwnerLog.Lost(services.Logger, runId, gone.Message);
            return null;
        }
    }

    /// <summary>Owns a run that waits for a human, so that it can be cancelled.</summary>
    /// <returns>The owner, the one that lives here if there is one; null when the run does not wait, or another process was faster.</returns>
    public async Task<RunOwner?> TakePausedAsync(string runId, CancellationToken stopping) => Find(runId) is { } known ? known
        : await services.Log.ReadAsync(runId, stopping) is { } log && log.ToState().Phase == RunPhase.Paused ? await TakeOverAsync(runId, log, stopping)
        : null;

    /// <summary>Owns unfinished runs of one session whose owners are gone. One that cannot be taken over is logged and passed over.</summary>
    /// <returns>The owners, in the order in which the runs have to work.</returns>
    public async Task<IReadOnlyList<RunOwner>> TakeOverAllAsync(IEnumerable<string> runIds, CancellationToken stopping)
    {
        // Requests may arrive before the recovery: their runs live here already.
        var taken = new List<RunOwner>();
        foreach (var (state, log) in await UnfinishedRuns.ReadAsync(services.Log, runIds.Where(runId => Find(runId) is null), services.Logger))
        {
            if (await TryTakeOverAsync(state.Output.RunId, log, stopping) is { } owner)
            {
                taken.Add(owner);
            }
        }

        return taken;
    }

    /// <summary>Lets go of an owner that has nothing left to do: at once when its run is lost, otherwise when enough others have settled after it.</summary>
    public void Release(RunOwner owner)
    {
        var runId = owner.State.Output.RunId;
        if (owner.IsLost)
        {
            _owners.TryRemove(KeyValuePair.Create(runId, owner));
            return;
        }

        Settled.Add(this, runId, RunSizes.Of(owner.State, owner.Feed));
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "One run that cannot be taken over must not keep the others down, nor the server.")]
    private async Task<RunOwner?> TryTakeOverAsync(string runId, RunLogRecord log, CancellationToken stopping)
    {
        try
        {
            return await TakeOverAsync(runId, log, stopping);
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            RunOwnerLog.NotTakenOver(services.Logger, failure, runId);
            return null;
        }
    }

    /// <summary>Lets go of a settled run, unless it was continued and works again.</summary>
    public void Forget(string runId)
    {
        if (_owners.TryGetValue(runId, out var owner) && owner.State.IsSettled)
        {
            _owners.TryRemove(KeyValuePair.Create(runId, owner));
        }
    }
}
