using System.Collections.Concurrent;
using Cluster.Grains.Interfaces.Keys;

namespace Cluster.Grains.Runs;

/// <summary>Ends the work of one activation before its run does: after the step that is under way when there is time, else where it is.</summary>
/// <param name="patience">How long the step may take.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class RunDeparture(TimeSpan patience, TimeProvider timeProvider) : IDisposable
{
    private readonly CancellationTokenSource _handingOver = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Gets what ends the work.</summary>
    public RunStop Stop => new(_handingOver.Token, _stopping.Token);

    /// <summary>Ends the work.</summary>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Ends the waiting for it.</param>
    public async Task LeaveAsync(Task work, CancellationToken cancellationToken)
    {
        await _handingOver.CancelAsync();
        await WaitAsync(work.WaitAsync(patience, timeProvider, cancellationToken));
        await _stopping.CancelAsync();
        await WaitAsync(work.WaitAsync(cancellationToken));
    }

    public void Dispose()
    {
        _handingOver.Dispose();
        _stopping.Dispose();
    }

    private static async Task WaitAsync(Task work) =>
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
}

/// <summary>What ends the work on a run before the run does.</summary>
/// <param name="AfterStep">Ends it after the step that is under way.</param>
/// <param name="At">Ends it where it is.</param>
internal sealed record RunStop(CancellationToken AfterStep, CancellationToken At);

/// <summary>The runs that work on this silo, for steps that last as long as the runs of members do: they ask here whether their own run is to go on elsewhere.</summary>
internal sealed class RunsAtWork
{
    private readonly ConcurrentDictionary<RunKey, CancellationToken> _leaving = [];

    /// <summary>Adds a run.</summary>
    public void Add(RunKey run, CancellationToken leaving) => _leaving[run] = leaving;

    /// <summary>Removes a run.</summary>
    public void Remove(RunKey run, CancellationToken leaving) => _leaving.TryRemove(KeyValuePair.Create(run, leaving));

    /// <summary>Gives what is cancelled when a run is to go on elsewhere; never for one that does not work here.</summary>
    public CancellationToken LeavingOf(RunKey run) => _leaving.GetValueOrDefault(run);
}
