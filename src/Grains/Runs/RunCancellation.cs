using Cluster.Engine.Runs;
using Cluster.Grains.Interfaces.Keys;

namespace Cluster.Grains.Runs;

/// <summary>Stops the run of one activation. All members are called in the grain's turns.</summary>
/// <param name="key">The run.</param>
/// <param name="possession">Who owns it.</param>
/// <param name="records">Knows runs that nobody owns.</param>
/// <param name="succession">Has a run that was taken over to be stopped taken up.</param>
internal sealed class RunCancellation(RunKey key, RunPossession possession, IRunRecords records, RunSuccession succession)
{
    private bool _isUnwanted;

    /// <summary>Asks the run to stop; one that nobody owns, because its silo died or it waits for a human, is taken over for it.</summary>
    /// <param name="isAtWork">Tells whether its loop is turned here, and goes on to the end then.</param>
    /// <param name="stopping">Stops trying while the store is away.</param>
    /// <returns>True when it has ended without its turn, which its session does not know yet.</returns>
    public async Task<bool> CancelAsync(Func<bool> isAtWork, CancellationToken stopping)
    {
        // What is not at work by its record may have begun meanwhile.
        var mayBeAtWork = possession.Owner is not null || await MayBeAtWorkAsync();
        if ((possession.Owner is null && !mayBeAtWork) || await possession.TakeAsync(state => !state.IsSettled || state.Phase == RunPhase.Paused, stopping) is not { } owner)
        {
            return false;
        }

        await owner.CancelAsync();
        if (isAtWork())
        {
            return false;
        }

        if (!owner.State.IsSettled)
        {
            succession.TakeUp(key.Tenant, owner.State.Output);
        }

        return owner.State.IsSettled;
    }

    /// <summary>Stops a run that begins and was not wanted any more before it was there.</summary>
    public Task BeginAsync() => _isUnwanted && possession.Owner is { } unwanted ? unwanted.CancelAsync() : Task.CompletedTask;

    /// <summary>The run may begin while it is looked for, and a run that is not there yet is not to begin: as long as this activation lives, it remembers that.</summary>
    private async Task<bool> MayBeAtWorkAsync()
    {
        _isUnwanted = true;
        var record = await records.FindAsync(key.RunId);
        _isUnwanted = record is null;
        return record is { Output.Status: RunStatus.Pending or RunStatus.Running or RunStatus.Paused };
    }
}
