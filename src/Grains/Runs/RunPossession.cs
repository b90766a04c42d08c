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
    private Task? _takingOver;
    private bool _hasEnded;

    /// <summary>Gets the owner; null when there is none here.</summary>
    public RunOwner? Owner { get; private set; }

    /// <summary>Owns a run that was accepted just now, unless it is owned already.</summary>
    public void Begin(FreshRun run)
    {
        if (Owner is null && _takingOver is null)
        {
            Own(new RunOwner(services, RunState.Empty.Apply(run.Accepted) with { Sequence = run.Sequence, OpensSession = run.OpensSession }));
        }
    }

    /// <summary>Lets go of an owner; of one that came after it, because the run went on, somebody else takes care.</summary>
    /// <param name="owner">The owner; null when there was none.</param>
    public void End(RunOwner? owner)
    {
        if (Owner == owner)
        {
            (Owner, _hasEnded) = (null, true);
        }
    }

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

        if (_takingOver is { } others)
        {
            // Whoever takes it now may want it in another state.
            await others.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            return await TakeAsync(condition, stopping);
        }

        var taking = TakeOverAsync(condition, stopping);
        _takingOver = taking;
        try
        {
            return await taking;
        }
        finally
        {
            _takingOver = null;
        }
    }

    /// <summary>Records how the run goes on, unless a new run has to, or an approval has let it go on already and nothing else is wished.</summary>
    /// <param name="continuation">How it is to go on.</param>
    /// <param name="work">Gives the last work on the run here, which may be under way.</param>
    /// <param name="stopping">Stops trying while the store is away.</param>
    /// <returns>From where it goes on, or the new run to start.</returns>
    /// <exception cref="ConflictException">The run was cancelled, is at work, or does not wait for the answers.</exception>
    /// <exception cref="InvalidRequestException">The wishes contradict each other, an answer does not fit, or an approval is pending.</exception>
    public async Task<RunGoneOn> ContinueAsync(RunContinuation continuation, Func<Task> work, CancellationToken stopping)
    {
        var state = await LookAsync(work);
        if (continuation.FindDone(state) is { } done)
        {
            return new RunGoneOn(done, null, IsBeside(state));
        }

        var plan = await admission.PlanAsync(state, continuation);
        if (plan.Event is not { } next)
        {
            return new RunGoneOn(-1, plan.Fork);
        }

        var owner = await TakeAsync(now => now.CanGoOn(next), stopping) ?? throw new ConflictException($"Cannot continue run {runId}: run is already running");
        try
        {
            return new RunGoneOn(await owner.ContinueAsync(next), null, IsBeside(state));
        }
        catch (EngineException) when (owner.IsLost)
        {
            End(owner);
            throw;
        }
    }

    /// <summary>
    /// Gives the state from which the run would go on. A pause is heard of before its work here has ended, and what ends would take what begins with it: so a
    /// settled state is only given when nothing works. The owner changes its state meanwhile, which is why it is looked at once.
    /// </summary>
    private async Task<RunState> LookAsync(Func<Task> work)
    {
        while (true)
        {
            var state = Owner?.State;
            if (work() is { IsCompleted: false } underWay && (state?.IsSettled ?? _hasEnded))
            {
                await underWay;
                continue;
            }

            return state ?? (await ReadLogAsync()).ToState();
        }
    }

    /// <summary>A member's run does not wait for its turn in the session.</summary>
    private static bool IsBeside(RunState state) => state.Output.ParentRunId is not null;

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
