using System.Diagnostics.CodeAnalysis;
using Cluster.Grains.Interfaces.Keys;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Grains.Interfaces.Runs;

/// <summary>
/// The runs that somebody in this process reads or waits for, and the names under which their news come here: that of the process, or of the leader that
/// follows its members.
/// </summary>
/// <param name="grains">Where the runs are.</param>
/// <param name="memory">What they hold.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class FollowedRuns(IGrainFactory grains, FollowedMemory memory, [FromKeyedServices(ClusterClock.Key)] TimeProvider timeProvider) : IDisposable
{
    /// <summary>Whoever started a run comes back to read it, and whoever lost its connection may too.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<RunKey, FollowedRun> _runs = [];

    /// <summary>Gets the key of this process' stream.</summary>
    public string Watcher { get; } = $"client-{Guid.NewGuid():N}";

    /// <summary>Gets what is cancelled when this process stops: readers go elsewhere then.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Gets how many runs are followed.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _runs.Count;
            }
        }
    }

    /// <summary>Follows a run that somebody here will come to read.</summary>
    /// <param name="run">The run.</param>
    /// <param name="watcher">The name under which its news come here; null for that of the process.</param>
    /// <returns>The lease; after it the run is followed for a while.</returns>
    public Lease Expect(RunKey run, string? watcher = null) => Follow(run, watcher, isReader: false, followed => followed.Expect());

    /// <summary>Follows a run for somebody who reads or waits.</summary>
    /// <param name="run">The run.</param>
    /// <param name="watcher">The name under which its news come here; null for that of the process.</param>
    /// <returns>The lease; after it a run that has ended is forgotten.</returns>
    public Lease Follow(RunKey run, string? watcher = null) => Follow(run, watcher, isReader: true, followed => followed.Doubt());

    /// <summary>Keeps a run while somebody reads it who wants its outcome, too.</summary>
    /// <param name="run">The run.</param>
    /// <param name="watcher">The name under which its news come here; null for that of the process.</param>
    /// <returns>The lease; after it a run that has ended is forgotten.</returns>
    public Lease Keep(RunKey run, string? watcher = null) => Follow(run, watcher, isReader: true, _ => { });

    /// <summary>Takes news in; those of runs that nobody follows are passed over.</summary>
    public void Receive(RunNews news)
    {
        FollowedRun? run;
        lock (_lock)
        {
            run = _runs.GetValueOrDefault(news.Key);
        }

        run?.Receive(news);
    }

    /// <summary>Lets everybody ask for their runs again: owners may have died with their silo.</summary>
    public void AskAgain()
    {
        foreach (var run in All())
        {
            run.Watch.MarkDue();
            run.Poke();
        }
    }

    /// <summary>Lets all readers go.</summary>
    public Task StopAsync() => _stopping.CancelAsync();

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    /// <summary>Forgets the runs that nobody came back to, and tells their owners. News to a leader are left alone: its successor gets them under the same name.</summary>
    public void ForgetAbandoned()
    {
        foreach (var run in All())
        {
            if (TryForget(run) && run.Watcher == Watcher)
            {
                grains.GetGrain<IRunGrain>(run.Key.ToString()).UnwatchAsync(Watcher).Ignore();
            }
        }
    }

    private Lease Follow(RunKey key, string? watcher, bool isReader, Action<FollowedRun> begin)
    {
        lock (_lock)
        {
            if (!_runs.TryGetValue(key, out var run))
            {
                _runs[key] = run = new FollowedRun(key, watcher ?? Watcher, memory);
            }

            run.Users++;
            begin(run);
            return new Lease(this, run, isReader);
        }
    }

    private FollowedRun[] All()
    {
        lock (_lock)
        {
            return [.. _runs.Values];
        }
    }

    private bool TryForget(FollowedRun run)
    {
        lock (_lock)
        {
            if (run.Users > 0 || timeProvider.GetElapsedTime(run.LeftAt) <= Patience || !_runs.Remove(run.Key))
            {
                return false;
            }

            run.Release();
            return !run.LookForOutcome().IsEnded;
        }
    }

    private void Leave(FollowedRun run, bool isReader)
    {
        lock (_lock)
        {
            run.Users--;
            run.LeftAt = timeProvider.GetTimestamp();
            if (isReader && run.Users == 0 && run.LookForOutcome().IsEnded)
            {
                _runs.Remove(run.Key);
                run.Release();
            }
        }
    }

    /// <summary>Somebody's interest in a run.</summary>
    /// <param name="runs">Where the run is followed.</param>
    /// <param name="run">The run.</param>
    /// <param name="isReader">True for somebody who reads it, false for somebody who will.</param>
    [SuppressMessage("Design", "CA1034:Nested types should not be visible", Justification = "The type is internal.")]
    public sealed class Lease(FollowedRuns runs, FollowedRun run, bool isReader) : IDisposable
    {
        private int _isDisposed;

        /// <summary>Gets the run.</summary>
        public FollowedRun Run => run;

        /// <inheritdoc/>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            {
                runs.Leave(run, isReader);
            }
        }
    }
}
