using Cluster.Engine.Runs;
using Cluster.Grains.Interfaces.Keys;

namespace Cluster.Grains.Interfaces.Runs;

/// <summary>
/// What this process knows of a run that somebody here reads or waits for. It holds the newest events only: a reader that falls behind reads on from
/// the run's owner or its log, page by page, and shares the pages with others.
/// </summary>
/// <param name="key">Which run.</param>
/// <param name="watcher">The name under which its news come here.</param>
/// <param name="memory">What all runs hold.</param>
internal sealed class FollowedRun(RunKey key, string watcher, FollowedMemory memory)
{
    /// <summary>How many events a reader is given at once.</summary>
    public const int PageSize = 64;

    /// <summary>How large they are at most; one that is larger passes alone.</summary>
    public const long PageBytes = 64 * 1024;

    private const long Unknown = long.MaxValue;

    private readonly Lock _lock = new();
    private readonly FollowedEvents _events = new(memory);
    private long _next = Unknown;
    private long _generation;
    private bool _wasLastSaid;
    private long? _endIndex;
    private bool _isEnded;
    private bool _isDoubted;
    private bool _wasReopened;
    private bool _isExpected;
    private RunOutput? _outcome;
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Gets which run it is.</summary>
    public RunKey Key => key;

    /// <summary>Gets the name under which its news come here, see <see cref="RunWatch"/>.</summary>
    public string Watcher => watcher;

    /// <summary>Gets or sets how many read or wait; guarded by <see cref="FollowedRuns"/>.</summary>
    public int Users { get; set; }

    /// <summary>Gets or sets when the last of them left; guarded by <see cref="FollowedRuns"/>.</summary>
    public long LeftAt { get; set; }

    /// <summary>Gets what this process has to ask the run's owner for.</summary>
    public FollowedWatch Watch { get; } = new();

    /// <summary>Gets the older events that readers want.</summary>
    public FollowedPages Pages { get; } = new(memory);

    /// <summary>Gets the index before the next event that is wanted; -1 when none has arrived and the first is wanted.</summary>
    public long LastIndex
    {
        get
        {
            lock (_lock)
            {
                return _next == Unknown ? -1 : _next - 1;
            }
        }
    }

    /// <summary>Says which events are wanted, when nobody here wanted any before.</summary>
    public void Want(long next)
    {
        lock (_lock)
        {
            if (_next == Unknown)
            {
                _next = next;
            }
        }
    }

    /// <summary>Takes news in. What is stale or known already is passed over; after a gap only the newer events are kept.</summary>
    public void Receive(RunNews news)
    {
        lock (_lock)
        {
            if (news.Generation < _generation)
            {
                return;
            }

            if (news.Generation > _generation)
            {
                // Another owner goes on with the run, also with one that was paused.
                _generation = news.Generation;
                Forget();
                Pages.Clear();
            }

            foreach (var next in news.Events.Events)
            {
                Add(next, next.EventIndex!.Value);
            }

            if (news.IsEnd)
            {
                _isEnded = true;
                _endIndex = news.Events.Events is [.., var last] ? last.EventIndex : _endIndex;
                _outcome = news.Outcome ?? _outcome;

                // The pause before a continuation may be heard of after it.
                if (_wasReopened)
                {
                    DoubtPause();
                }
            }

            Wake();
        }
    }

    /// <summary>Takes in that the run is paused or over, and that its log tells everything.</summary>
    public void End()
    {
        lock (_lock)
        {
            if (_isDoubted)
            {
                // It may be another end than the one that was heard of.
                Forget();
            }

            _isEnded = true;
            Wake();
        }
    }

    /// <summary>Takes in what the run's owner answers: the run is at work, whatever was heard before.</summary>
    public void GoOn(RunNews news)
    {
        lock (_lock)
        {
            if (_isDoubted)
            {
                Forget();
            }
        }

        Receive(news);
    }

    /// <summary>Forgets that the run was paused: it is about to go on.</summary>
    public void Reopen()
    {
        lock (_lock)
        {
            _wasReopened = true;
            Forget();
        }
    }

    /// <summary>Notes that the run is started for somebody who comes at once and may rely on whatever was heard.</summary>
    public void Expect()
    {
        lock (_lock)
        {
            _isExpected = true;
        }
    }

    /// <summary>Makes sure that nobody who comes now relies on a pause that was heard of earlier: the run may have been continued through another process since.</summary>
    public void Doubt()
    {
        lock (_lock)
        {
            if (!_isExpected)
            {
                DoubtPause();
            }

            _isExpected = false;
        }
    }

    /// <summary>Wakes everybody, so that they look again.</summary>
    public void Poke()
    {
        lock (_lock)
        {
            Wake();
        }
    }

    /// <summary>Looks for what comes after a cursor.</summary>
    /// <param name="cursor">The last index that the reader has.</param>
    /// <returns>What the reader has to do.</returns>
    public FollowedView Look(long cursor)
    {
        lock (_lock)
        {
            var first = _next - _events.Count;
            if (cursor < _next - 1 && cursor >= first - 1)
            {
                return new FollowedView(FollowedStep.Take, _events.Take((int)(cursor + 1 - first), PageSize, PageBytes), _changed.Task);
            }

            var step = cursor < first - 1 ? FollowedStep.CatchUp : !_isEnded || _isDoubted ? FollowedStep.Wait : cursor == _endIndex ? FollowedStep.Stop : FollowedStep.Finish;
            return new FollowedView(step, [], _changed.Task);
        }
    }

    /// <summary>Looks for the outcome.</summary>
    /// <returns>The outcome, null when it has not arrived; whether the run has ended; and what ends with the next news.</returns>
    public (RunOutput? Outcome, bool IsEnded, Task Changed) LookForOutcome()
    {
        lock (_lock)
        {
            return _isDoubted ? (null, false, _changed.Task) : (_outcome, _isEnded, _changed.Task);
        }
    }

    private void Forget() => (_isEnded, _isDoubted, _endIndex, _outcome) = (false, false, null, null);

    /// <summary>Only what is known to be over cannot go on.</summary>
    private void DoubtPause()
    {
        if (_isEnded && _outcome is null or { Status: RunStatus.Paused } && !_wasLastSaid)
        {
            _isDoubted = true;
            Watch.MarkDue();
        }
    }

    private void Add(RunEvent next, long index)
    {
        if (_next == Unknown)
        {
            _next = index;
        }

        if (index < _next)
        {
            return;
        }

        if (index > _next)
        {
            _events.Clear();
        }

        _events.Add(next);
        (_wasLastSaid, _next) = (next is RunCompleted or RunError, index + 1);
    }

    /// <summary>Lets go of everything: nobody here wants to hear of the run any more.</summary>
    public void Release()
    {
        lock (_lock)
        {
            _events.Close();
            Pages.Clear();
        }
    }

    private void Wake()
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>What a reader finds.</summary>
/// <param name="Step">What it has to do.</param>
/// <param name="Events">The events to take; empty for every other step.</param>
/// <param name="Changed">Ends with the next news.</param>
internal sealed record FollowedView(FollowedStep Step, RunEvent[] Events, Task Changed);

/// <summary>What a reader has to do.</summary>
internal enum FollowedStep
{
    /// <summary>Take the events that are there.</summary>
    Take,

    /// <summary>Read older events from the run's owner or its log.</summary>
    CatchUp,

    /// <summary>Wait for news.</summary>
    Wait,

    /// <summary>Read the rest from the log: the run has ended, but not with an event that arrived here.</summary>
    Finish,

    /// <summary>Stop: the last event was taken.</summary>
    Stop,
}
