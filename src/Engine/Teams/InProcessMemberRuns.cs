using System.Collections.Concurrent;
using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Storage;

namespace Cluster.Engine.Teams;

/// <summary>Runs the members of teams in this process, each beside the run of its team.</summary>
/// <param name="owners">The owners that live here.</param>
/// <param name="services">What owners work with.</param>
/// <param name="records">Reads what became of runs.</param>
/// <param name="admission">Turns requests into records.</param>
/// <param name="stop">Tells when this process stops.</param>
internal sealed class InProcessMemberRuns(RunOwners owners, RunOwnerServices services, IRunRecords records, RunAdmission admission, HostStop stop) : IMemberRuns
{
    private readonly ConcurrentDictionary<string, Task> _turns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task<RunOwner?>> _takingOver = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task StartAsync(RunRequest request, CancellationToken cancellationToken = default)
    {
        if (owners.Find(request.RunId) is not null)
        {
            return;
        }

        var acceptance = await admission.PrepareAsync(request, cancellationToken);
        var run = await services.Log.AcceptAsync(acceptance, CancellationToken.None);
        if (!run.IsNew)
        {
            await AdoptAsync(request.RunId);
            return;
        }

        Begin(owners.Own(RunState.Empty.Apply(acceptance.Event) with { Sequence = run.Sequence }));
    }

    /// <inheritdoc/>
    public async Task<RunOutput?> FollowAsync(
        string runId, string parentRunId, long afterIndex, Action<RunEvent> tell, CancellationToken cancellationToken = default)
    {
        await AdoptAsync(runId);
        var owner = owners.Find(runId);
        await foreach (var next in owners.ReadAsync(runId, afterIndex, cancellationToken))
        {
            tell(next);
        }

        if (stop.IsHandingOver && owner is { State.IsSettled: false })
        {
            throw new HandedOverException();
        }

        return await FindAsync(runId, cancellationToken) is { Status: not (RunStatus.Pending or RunStatus.Running) } output ? output : null;
    }

    /// <inheritdoc/>
    public async Task<RunOutput?> FindAsync(string runId, CancellationToken cancellationToken = default) =>
        owners.Find(runId) is { IsLost: false } owner ? owner.State.Recorded : (await records.FindAsync(runId, cancellationToken))?.Output;

    /// <inheritdoc/>
    public async Task ContinueAsync(RunContinuation continuation, CancellationToken cancellationToken = default)
    {
        var owner = owners.Find(continuation.RunId);
        var log = owner is null ? await services.Log.ReadAsync(continuation.RunId, cancellationToken) ?? throw RunFence.Missing(continuation.RunId) : null;
        var state = owner?.State ?? log!.ToState();
        if (!Answers.Awaits(state, continuation))
        {
            await AdoptAsync(continuation.RunId);
            return;
        }

        var plan = await admission.PlanAsync(state, continuation);
        owner ??= await owners.TakeOverAsync(continuation.RunId, log!, stop.Stopping)
            ?? throw new UnavailableException($"Run {continuation.RunId} is being taken over.");
        await owner.ContinueAsync(plan.Event!);
        Begin(owner);
    }

    /// <inheritdoc/>
    public async Task CancelAsync(string runId, CancellationToken cancellationToken = default)
    {
        await AdoptAsync(runId);
        if (await owners.TakePausedAsync(runId, stop.Stopping) is { } owner)
        {
            await owner.CancelAsync();
            if (owner.State.IsSettled)
            {
                owners.Release(owner);
            }
        }
    }

    /// <summary>Stops the members whose team is over: members are taken up by the run that started them, and these nobody wants any more.</summary>
    /// <param name="unfinished">All runs that an earlier process left unfinished.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task CancelOrphansAsync(ImmutableArray<UnfinishedRun> unfinished, CancellationToken cancellationToken)
    {
        var known = unfinished.Select(run => run.RunId).ToHashSet(StringComparer.Ordinal);
        foreach (var orphan in unfinished.Where(run => run.ParentRunId is { } parent && !known.Contains(parent)))
        {
            await CancelAsync(orphan.RunId, cancellationToken);
        }
    }

    /// <summary>Waits until no member works.</summary>
    public async Task WhenIdleAsync()
    {
        while (!_turns.IsEmpty)
        {
            await Task.WhenAll(_turns.Values);
        }
    }

    /// <summary>Takes up a run that nobody works on. One that has settled is left as it is.</summary>
    private async Task AdoptAsync(string runId)
    {
        if (owners.Find(runId) is not null)
        {
            return;
        }

        if (await TakingOver(runId) is { State.IsSettled: false } owner)
        {
            Begin(owner);
        }
    }

    /// <summary>Takes a run over once, whoever asks for it meanwhile: a second owner would fence the first.</summary>
    private Task<RunOwner?> TakingOver(string runId)
    {
        lock (_takingOver)
        {
            return _takingOver.TryGetValue(runId, out var known) ? known : _takingOver[runId] = TakeOverAsync(runId);
        }
    }

    private async Task<RunOwner?> TakeOverAsync(string runId)
    {
        // It cannot end before it is known.
        await Task.Yield();
        try
        {
            var log = await services.Log.ReadAsync(runId);
            return log is not null && !log.ToState().IsSettled ? await owners.TakeOverAsync(runId, log, stop.Stopping) : null;
        }
        finally
        {
            lock (_takingOver)
            {
                _takingOver.Remove(runId);
            }
        }
    }

    private void Begin(RunOwner owner)
    {
        var runId = owner.State.Output.RunId;
        lock (_turns)
        {
            // One that pauses is heard of before its turn has ended.
            var before = _turns.GetValueOrDefault(runId, Task.CompletedTask);
            _turns[runId] = TurnAsync(owner, before);
        }
    }

    private async Task TurnAsync(RunOwner owner, Task before)
    {
        await before;
        await Task.Yield();
        await owner.TurnAsync(stop.Stopping, stop.HandingOver);
        owners.Release(owner);
        lock (_turns)
        {
            var runId = owner.State.Output.RunId;
            if (owner.State.IsSettled || owner.IsLost || stop.IsHandingOver)
            {
                _turns.TryRemove(runId, out _);
            }
        }
    }
}
