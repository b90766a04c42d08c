using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Storage;
using Cluster.Grains.Interfaces.Runs;

namespace Cluster.Grains.Runs;

/// <summary>Who owns the run of one activation: nobody, or the owner that began here or took the run over. All members are called in the grain's turns.</summary>
/// <param name="runId">The run.</param>
/// <param name="services">What owners work with.</param>
/// <param name="admission">Checks what humans decide.</param>
/// <param name="owned">Is told of every owner as soon as there is one.</param>
internal sealed class RunPossession(string runId, RunOwnerServices services, RunAdmission admission, Action<RunOwner> owned)
{
    private Task<RunOwner?>? _takingOver;
    private bool _hasEnded;

    /// <summary>Gets the owner; null when there is none here.</summary>
    public RunOwner? Owner { get; private set; }

    /// <summary>Gets a value indicating whether the owner has nothing left to do or was let go of, and nobody took the run since.</summary>
    public bool IsEnding => Owner?.State.IsSettled ?? _hasEnded;

    /// <summary>Owns a run that was accepted just now, unless it is owned already.</summary>
    public void Begin(FreshRun run)
    {
        if (Owner is null && _takingOver is null)
        {
            Own(new RunOwner(services, RunState.Empty.Apply(run.Accepted) with { Sequence = run.Sequence, OpensSession = run.OpensSession }));
        }
    }

    /// <summary>Lets go of the owner.</summary>
    public void End() => (Owner, _hasEnded) = (null, true);

    /// <summary>Gives the owner, and takes the run over when there is none here.</summary>
    /// <param name="condition">What the run's state has to be like.</param>
    /// <param name="stopping">Stops trying while the store is away.</param>
    /// <returns>The owner; null when the run is not as it has to be, or when another owner was faster.</returns>
    /// <exception cref="NotFoundException">The run does not exist.</exception>
    /// <exception cref="UnavailableException">The store is away.</exception>
    public async Task<RunOwner?> TakeAsync(Func<RunState, bool> condition, CancellationToken stopping)
    {
        if (Owner is { } present)
        {
            return condition(present.State) ? present : null;
        }

        var taking = _takingOver ??= TakeOverAsync(condition, stopping);
        try
        {
            return await taking;
        }
        finally
        {
            _takingOver = null;
        }
    }

    /// <summary>Records what a human decided about the paused run, unless an approval has let it go on already and nothing was decided beside it.</summary>
    /// <param name="continuation">The decisions.</param>
    /// <param name="stopping">Stops trying while the store is away.</param>
    /// <returns>The index of the last event before the run goes on.</returns>
    /// <exception cref="ConflictException">The run is not paused.</exception>
    /// <exception cref="InvalidRequestException">An answer is missing or does not fit.</exception>
    public async Task<long> ContinueAsync(RunContinuation continuation, CancellationToken stopping)
    {
        var state = Owner?.State ?? RunState.From((await ReadLogAsync()).Events);
        if (continuation.FindDone(state) is { } done)
        {
            return done;
        }

        var answers = await admission.CheckAsync(state, continuation);
        var owner = await TakeAsync(now => now.Phase == RunPhase.Paused, stopping) ?? throw new ConflictException($"Cannot continue run {runId}: run is already running");
        try
        {
            return await owner.ContinueAsync(answers);
        }
        catch (EngineException) when (owner.IsLost)
        {
            End();
            throw;
        }
    }

    /// <summary>Reads the run's log.</summary>
    /// <exception cref="NotFoundException">The run does not exist.</exception>
    /// <exception cref="UnavailableException">The store is away.</exception>
    public async Task<RunLogRecord> ReadLogAsync() => await services.Log.ReadAsync(runId) ?? throw RunFence.Missing(runId);

    private async Task<RunOwner?> TakeOverAsync(Func<RunState, bool> condition, CancellationToken stopping)
    {
        _hasEnded = false;
        var log = await ReadLogAsync();
        if (!condition(RunState.From(log.Events)))
        {
            return null;
        }

        try
        {
            return Own(await RunOwner.TakeOverAsync(services, log, stopping));
        }
        catch (FencedException)
        {
            return null;
        }
    }

    private RunOwner Own(RunOwner owner)
    {
        Owner = owner;
        _hasEnded = false;
        owned(owner);
        return owner;
    }
}
