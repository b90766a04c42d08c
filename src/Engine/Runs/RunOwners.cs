using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Errors;
using Cluster.Engine.Storage;

namespace Cluster.Engine.Runs;

/// <summary>The owners that live in this process: of the runs that wait or work, and of the last ones that settled.</summary>
/// <param name="services">What owners work with.</param>
internal sealed class RunOwners(RunOwnerServices services)
{
    /// <summary>So many runs are kept at hand after they settled: whoever started one may still want its outcome.</summary>
    private const int SettledRunsKept = 256;

    private readonly ConcurrentDictionary<string, RunOwner> _owners = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _settled = new();

    public IEnumerable<RunOwner> All => _owners.Values;

    public RunOwner? Find(string runId) => _owners.GetValueOrDefault(runId);

    /// <summary>Gives the public events of a run: those that its owner makes, or those that are on record.</summary>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    public async Task<RunFeed> FeedAsync(string runId, IRunRecords records, CancellationToken cancellationToken)
    {
        if (Find(runId) is { } owner)
        {
            return owner.Feed;
        }

        var stored = new RunFeed(await new RunEventReader(services.Log, records).ReadAsync(runId, cancellationToken) ?? throw RunFence.Missing(runId));
        stored.End();
        return stored;
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

        _settled.Enqueue(runId);
        while (_settled.Count > SettledRunsKept && _settled.TryDequeue(out var oldest))
        {
            Forget(oldest);
        }
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
    private void Forget(string runId)
    {
        if (_owners.TryGetValue(runId, out var owner) && owner.State.IsSettled)
        {
            _owners.TryRemove(KeyValuePair.Create(runId, owner));
        }
    }
}
