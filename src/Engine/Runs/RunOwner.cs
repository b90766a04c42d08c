using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Errors;
using Cluster.Engine.Teams;
using Cluster.Engine.Telemetry;

namespace Cluster.Engine.Runs;

/// <summary>
/// The owner of one run: keeps its state, turns its loop, appends to its log and feeds its readers. Grains and the in-process host share it;
/// they add identity and turn order. The loop is turned by one caller at a time; cancelling and reading go on meanwhile.
/// </summary>
public sealed partial class RunOwner : IDisposable
{
    private static readonly TimeSpan UnavailablePause = TimeSpan.FromSeconds(1);

    private readonly RunOwnerServices _services;
    private readonly RunTelemetry _telemetry;
    private readonly SemaphoreSlim _appending = new(1, 1);
    private readonly SemaphoreSlim _turning = new(1, 1);
    private readonly CancellationTokenSource _cancelled = new();
    private readonly RunCommits _commits;

    /// <summary>Creates the owner of a run that was just accepted.</summary>
    /// <param name="services">What owners work with.</param>
    /// <param name="state">The run after its acceptance.</param>
    public RunOwner(RunOwnerServices services, RunState state)
        : this(services, state, [])
    {
    }

    private RunOwner(RunOwnerServices services, RunState state, IEnumerable<RunEvent> happened)
    {
        _services = services;
        _telemetry = new RunTelemetry(services);
        _commits = new RunCommits(services);
        State = state;
        Feed = new RunFeed(happened);
    }

    /// <summary>Gets the run so far.</summary>
    public RunState State { get; private set; }

    /// <summary>Gets the public events.</summary>
    public RunFeed Feed { get; }

    /// <summary>Gets a value indicating whether the run went away under its owner: taken over, deleted with its session, or refused by the store for good.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Gets a value indicating whether the run was lost to another owner, who works on it.</summary>
    public bool IsTakenOver { get; private set; }

    /// <summary>Takes a run over from an owner that is gone.</summary>
    /// <param name="services">What owners work with.</param>
    /// <param name="record">The run's log.</param>
    /// <param name="stopping">Stops trying while the store is away.</param>
    /// <returns>The new owner. It is one generation above the old one, which can append nothing from now on.</returns>
    /// <exception cref="FencedException">Another owner was faster.</exception>
    /// <exception cref="NotFoundException">The run does not exist any more.</exception>
    /// <exception cref="UnavailableException">The store failed in a way that trying again does not mend.</exception>
    public static async Task<RunOwner> TakeOverAsync(RunOwnerServices services, RunLogRecord record, CancellationToken stopping = default)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(record);
        var state = record.ToState();
        var owner = new RunOwner(services, state, await new RunEventReader(services.Log).ReadAsync(record, stopping));
        var takenOver = new RunTakenOver(record.Generation + 1) { CreatedAt = owner.Now, Owner = Guid.NewGuid().ToString() };
        await owner.AppendAsync(takenOver, stopping: stopping);
        owner.LogTakenOver(owner.RunId, takenOver.Generation);
        return owner;
    }

    /// <summary>Turns the loop until the run is over or waits for a human.</summary>
    /// <param name="stopping">Stops the work at once; a successor will go on. Readers are let go.</param>
    /// <param name="handingOver">Stops the work after the step that is under way, so that no tool is left in doubt; a successor will go on. Readers are let go.</param>
    /// <returns>A task that ends when there is nothing left to do here. It does not fail: what breaks in the loop ends the run with an event.</returns>
    public async Task TurnAsync(CancellationToken stopping = default, CancellationToken handingOver = default)
    {
        await _turning.WaitAsync(CancellationToken.None);
        if (State.IsSettled)
        {
            // It was cancelled before it had its turn.
            _turning.Release();
            return;
        }

        await TurnAndReleaseAsync(stopping, handingOver);
    }

    /// <summary>Asks the run to stop. A run that is over stays as it is; one that waits for its turn or for a human ends at once.</summary>
    /// <returns>A task that ends when the wish is on record, and when a run that waited for a human has ended.</returns>
    /// <exception cref="UnavailableException">The store failed for good. The run stops here, but the wish is not on record.</exception>
    public async Task CancelAsync()
    {
        UnavailableException? failure = null;
        var wasPaused = false;
        try
        {
            if (!await AppendAsync(new CancelRequested { CreatedAt = Now }, MayCancel))
            {
                return;
            }
        }
        catch (EngineException gone) when (IsLost)
        {
            LogLost(RunId, gone.Message);
            failure = gone as UnavailableException;
        }

        await _cancelled.CancelAsync();
        // A run that has not begun changes nothing in its session, so it need not wait for the runs ahead to end.
        if (State.Phase == RunPhase.Accepted && await _turning.WaitAsync(0, CancellationToken.None))
        {
            await TurnAndReleaseAsync(CancellationToken.None, CancellationToken.None);
        }
        else if (wasPaused)
        {
            // Nor does one that waited for a human. The turn in which it paused may just be ending, or end it.
            await TurnAsync();
        }

        if (failure is not null)
        {
            throw failure;
        }

        bool MayCancel(RunState state)
        {
            wasPaused = state.Phase == RunPhase.Paused;
            return (wasPaused || !state.IsSettled) && !state.IsCancelRequested;
        }
    }

    /// <summary>Records why the run goes on; it can be turned again then.</summary>
    /// <param name="next">The decisions, for the calls that wait, or up to where its messages are kept.</param>
    /// <returns>The index of the last event before the run goes on.</returns>
    /// <exception cref="ConflictException">The run goes on already.</exception>
    /// <exception cref="UnavailableException">The store failed in a way that trying again does not mend.</exception>
    public async Task<long> ContinueAsync(RecoveryEvent next)
    {
        ArgumentNullException.ThrowIfNull(next);
        var last = Feed.Count - 1;
        if (!await AppendAsync(next with { CreatedAt = Now }, state => state.CanGoOn(next)))
        {
            throw new ConflictException($"Cannot continue run {RunId}: run is already running");
        }

        _telemetry.NoteContinuation();
        await (next.Durability == EventDurability.Committed ? Task.CompletedTask : AppendAsync(State.Mark(new RunContinued(), Now)));
        return last;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _appending.Dispose();
        _turning.Dispose();
        _cancelled.Dispose();
    }

    private string RunId => State.Output.RunId;

    private long Now => _services.TimeProvider.GetUtcNow().ToUnixTimeSeconds();

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever breaks here, readers and the runs behind this one must not hang.")]
    private async Task TurnAndReleaseAsync(CancellationToken stopping, CancellationToken handingOver)
    {
        using var unlessCancelled = CancellationTokenSource.CreateLinkedTokenSource(stopping, _cancelled.Token);
        try
        {
            _telemetry.Begin(State);
            if (_services.Attempts.FindEnd(RunId) is { } end)
            {
                await AppendAsync(State.Mark(end, Now), stopping: stopping);
            }
            while (!State.IsSettled && !IsLost && !stopping.IsCancellationRequested && !handingOver.IsCancellationRequested)
            {
                await StepAsync(State.IsCancelRequested ? stopping : unlessCancelled.Token, stopping);
            }

            await CommitRestAsync(stopping);
        }
        catch (EngineException gone) when (IsLost)
        {
            LogLost(RunId, gone.Message);
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            LogStopped(RunId);
        }
        catch (Exception bug)
        {
            LogGivenUp(bug, RunId);
            _services.Attempts.Note(RunId, bug);
            Lose();
        }
        finally
        {
            _telemetry.End(State);

            // A run that paused may have been answered by now: whoever reads it waits for its next turn.
            if (!State.IsSettled && (stopping.IsCancellationRequested || handingOver.IsCancellationRequested))
            {
                Feed.End();
            }

            _turning.Release();
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A bug in a loop or in code that it calls ends the run with an event, not the process.")]
    private async Task StepAsync(CancellationToken step, CancellationToken stopping)
    {
        try
        {
            await foreach (var next in _services.NextAsync(State, step))
            {
                await AppendAsync(next, stopping: stopping);
            }
        }
        catch (OperationCanceledException end) when (end is HandedOverException || ((State.IsCancelRequested || IsLost) && !stopping.IsCancellationRequested))
        {
            // The next step sees in the state that the run is to stop, or is taken by a successor.
        }
        catch (UnavailableException cause) when (!IsLost && !stopping.IsCancellationRequested)
        {
            // The state has what the step yielded, so the step can be taken again. The wait ends early when the run is to stop.
            RunOwnerLog.StoreAway(_services.Logger, cause, RunId, UnavailablePause);
            await Task.WhenAny(Task.Delay(UnavailablePause, _services.TimeProvider, step));
        }
        catch (Exception bug) when (!IsLost && !stopping.IsCancellationRequested)
        {
            LogFailed(bug, RunId);
            var message = bug is EngineException ? bug.Message : $"The run failed unexpectedly ({bug.GetType().Name}). The server's log has the details of run {RunId}.";
            await AppendAsync(State.Mark(new RunError(message) { ErrorType = bug.GetType().Name }, Now), stopping: stopping);
        }
    }

    /// <summary>Adds an event to the run.</summary>
    /// <returns>True when it was added, false when the condition did not hold.</returns>
    private async Task<bool> AppendAsync(RunEvent next, Func<RunState, bool>? condition = null, CancellationToken stopping = default)
    {
        using var entry = await _appending.EnterAsync();
        if (condition?.Invoke(State) == false)
        {
            return false;
        }

        next = next.IsPublic ? next.At(State.NextEventIndex) : next;
        var state = State.Apply(next);
        if (next is { IsStored: true, Durability: EventDurability.Committed })
        {
            await CommitAsync(state, next, stopping);
        }
        else if (next.IsStored)
        {
            _commits.Add(next);
        }

        if (State.IsSettled && !state.IsSettled)
        {
            Feed.Reopen();
        }

        _telemetry.Observe(State, state, next);
        State = state;
        if (next.IsPublic)
        {
            Feed.Append(next, state.IsSettled);
        }

        return true;
    }

    /// <summary>Records what the step under way left for the next commit, so that a successor need not pay for it again.</summary>
    private async Task CommitRestAsync(CancellationToken stopping)
    {
        using var entry = await _appending.EnterAsync();
        if (!_commits.IsEmpty && !IsLost && !stopping.IsCancellationRequested)
        {
            await CommitAsync(State, last: null, stopping);
        }
    }

    /// <summary>Records events. A store that is away is waited for; every other failure costs the owner the run.</summary>
    private async Task CommitAsync(RunState state, RunEvent? last, CancellationToken stopping)
    {
        if (await _commits.TryAsync(state, last, stopping) is { } failure)
        {
            IsTakenOver = failure is FencedException;
            Lose();
            throw failure;
        }
    }

    private void Lose()
    {
        IsLost = true;
        Feed.End();
    }
}
