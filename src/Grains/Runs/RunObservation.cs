using Cluster.Engine.Runs;
using Cluster.Engine.Storage;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Runs;

namespace Cluster.Grains.Runs;

/// <summary>Answers those who look at the run of one activation. All members are called in the grain's turns.</summary>
/// <param name="key">The run.</param>
/// <param name="possession">Who owns it.</param>
/// <param name="watchers">Who wants to hear of it.</param>
/// <param name="records">Knows runs that nobody owns.</param>
/// <param name="succession">Has such runs taken up.</param>
internal sealed class RunObservation(RunKey key, RunPossession possession, RunWatchers watchers, IRunRecords records, RunSuccession succession)
{
    private RunOwner? Owner => possession.Owner;

    /// <summary>Tells where the run stands; null when nobody works on it here.</summary>
    public LiveRun? Find() =>
        Owner is { State.IsSettled: false } owner ? new LiveRun(owner.State.Recorded, owner.Feed.Count, owner.State.Request!.Streamed) : null;

    /// <summary>Tells whose the run is and how far it is; null when nobody works on it here.</summary>
    public RunSummary? FindSummary() => Find() is { } live ? RunSummary.Of(live.Output, live.Streamed) with { EventCount = live.EventCount } : null;

    /// <summary>Gives public events that the run has by now; null when nobody works on it here.</summary>
    public RunNews? Read(long afterIndex, int limit) => Owner is { IsLost: false } owner ? RunWatchers.PageOf(owner, afterIndex, limit) : null;

    /// <summary>Lets somebody hear of the run from now on, and has it taken up when nobody works on it.</summary>
    /// <returns>What happened until now; null when the run is paused or over.</returns>
    /// <exception cref="Engine.Errors.NotFoundException">There is no such run.</exception>
    public async Task<RunNews?> WatchAsync(RunWatch watch)
    {
        if (Owner is { } owner)
        {
            if (owner.State.IsSettled)
            {
                return null;
            }

            var news = RunWatchers.NewestOf(owner, watch.AfterIndex);

            // The owner goes on meanwhile: what is sent follows upon what is answered.
            watchers.Hear(RunWatchers.Following(news, watch));
            return news;
        }

        var record = await records.FindAsync(key.RunId) ?? throw RunFence.Missing(key.RunId);
        if (record.Output.Status is not (RunStatus.Pending or RunStatus.Running))
        {
            return null;
        }

        watchers.Hear(watch);
        succession.TakeUp(key.Tenant, record.Output);
        return RunWatchers.NothingYet(key);
    }
}
