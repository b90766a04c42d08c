using Cluster.Engine.Contents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Storage;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Sessions;

namespace Cluster.Grains.Interfaces.Runs;

/// <summary>Runs agents on the silos of a cluster. Their news come over the stream of this process; what is missed is read from the owner or the log.</summary>
public sealed class ClusterRunHost : IRunHost
{
    private readonly TenantId _tenant;
    private readonly FollowedRuns _runs;
    private readonly FollowedReader _reader;
    private readonly GrainCalls _calls;
    private readonly IRunRecords _records;
    private readonly TimeProvider _timeProvider;

    /// <summary>Creates the host.</summary>
    /// <param name="tenant">Whose runs.</param>
    /// <param name="runs">The runs that are followed.</param>
    /// <param name="reader">Reads them.</param>
    /// <param name="calls">Calls their grains.</param>
    /// <param name="records">Knows what became of runs.</param>
    /// <param name="timeProvider">The clock.</param>
    internal ClusterRunHost(TenantId tenant, FollowedRuns runs, FollowedReader reader, GrainCalls calls, IRunRecords records, TimeProvider timeProvider)
    {
        _tenant = tenant;
        _runs = runs;
        _reader = reader;
        _calls = calls;
        _records = records;
        _timeProvider = timeProvider;
    }

    /// <summary>Gets what moves the content of media into the media store, so that it does not pass through grains. By default it stays in the requests.</summary>
    internal MediaContents Media { get; init; } = MediaContents.Inline;

    /// <inheritdoc/>
    public async Task<string> StartAsync(RunRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request = request with { Input = await Media.KeepAsync(request.Input, cancellationToken) };
        using var lease = _runs.Expect(KeyOf(request.RunId));
        lease.Run.Watch.Want(events: request.Streamed, outcome: !request.Streamed);
        lease.Run.Watch.MarkAsked(_timeProvider);
        var start = new RunStart(request, new RunWatch(_runs.Watcher, request.Streamed ? -1 : long.MaxValue, !request.Streamed));
        var session = _calls.Session(new SessionKey(_tenant, request.SessionId));
        var calls = 0;
        try
        {
            return (await _calls.RepeatAsync(
                () =>
                {
                    calls++;
                    return session.StartAsync(start);
                },
                cancellationToken)).RunId;
        }
        catch (Exception failure) when (failure is ConflictException or UnavailableException { InnerException: not null })
        {
            // A call that was lost may have been heard: the run's id is ours alone, so a run with it is the answer.
            if (calls > 1 && await _records.FindAsync(request.RunId, cancellationToken) is not null)
            {
                return request.RunId;
            }

            throw;
        }
        finally
        {
            if (calls > 1)
            {
                // Whoever was asked to send news may be gone.
                lease.Run.Watch.MarkDue();
            }
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<RunEvent> ReadEventsAsync(string runId, long afterIndex = -1, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(runId, afterIndex, watcher: null, cancellationToken);

    /// <inheritdoc/>
    public Task<RunOutput> WaitAsync(string runId, CancellationToken cancellationToken = default) => _reader.WaitAsync(runId, cancellationToken);

    /// <inheritdoc/>
    public async Task<RunSnapshot?> FindAsync(string runId, CancellationToken cancellationToken = default)
    {
        var record = await _records.FindAsync(runId, cancellationToken);
        if (record?.Output.Status is RunStatus.Pending or RunStatus.Running)
        {
            if (await AskAsync(_calls.Run(KeyOf(runId)).FindAsync(), cancellationToken) is { } live)
            {
                return new RunSnapshot(live.Output, live.EventCount, live.Streamed);
            }

            // It may have ended between the two looks.
            record = await _records.FindAsync(runId, cancellationToken);
        }

        return record is null ? null : new RunSnapshot(record.Output, null, record.Streamed);
    }

    /// <inheritdoc/>
    public async Task<RunSummary?> FindSummaryAsync(string runId, CancellationToken cancellationToken = default)
    {
        var summary = await _records.FindSummaryAsync(runId, cancellationToken);
        if (summary is not { IsLive: true })
        {
            return summary;
        }

        // It may have ended between the two looks.
        return await AskAsync(_calls.Run(KeyOf(runId)).FindSummaryAsync(), cancellationToken) ?? await _records.FindSummaryAsync(runId, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ContinuedRun> ContinueAsync(RunContinuation continuation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        var runId = continuation.RunId;
        var record = await _records.FindAsync(runId, cancellationToken) ?? throw RunFence.Missing(runId);
        using var lease = _runs.Expect(KeyOf(runId));
        lease.Run.Reopen();
        lease.Run.Watch.Want(events: true, outcome: true);
        lease.Run.Watch.MarkAsked(_timeProvider);
        var newRunId = continuation.NewRunId ?? Guid.CreateVersion7().ToString();
        using var fork = MayFork(continuation, record.Output) ? _runs.Expect(KeyOf(newRunId)) : null;
        fork?.Run.Watch.Want(events: true, outcome: true);
        fork?.Run.Watch.MarkAsked(_timeProvider);
        var watch = new RunWatch(_runs.Watcher, -1, WithOutcome: true);
        var message = new SessionContinuation(continuation with { NewRunId = newRunId }, watch, fork is null ? null : watch);
        try
        {
            var continued = await GoOnAsync(record, message, cancellationToken);
            if (continued.RunId != runId || continuation.Tools is not { IsEmpty: false })
            {
                // Where a new run goes on, this one stays at its end; and an approval may have let it go on long ago, when nobody is there any more who
                // would send its news. Whoever reads it finds that out by asking.
                lease.Run.Watch.MarkDue();
            }

            return continued;
        }
        catch (EngineException)
        {
            lease.Run.Watch.MarkDue();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task CancelAsync(string runId, CancellationToken cancellationToken = default) =>
        _calls.RepeatAsync(_calls.Run(KeyOf(runId)).CancelAsync, cancellationToken);

    private RunKey KeyOf(string runId) => new(_tenant, runId);

    /// <summary>A guess, so that the news of a new run are taken in from its first event on; the run's owner decides.</summary>
    private static bool MayFork(RunContinuation continuation, RunOutput run) =>
        continuation.Fork || continuation.Regenerate || run.Status is RunStatus.Completed or RunStatus.Regenerated;

    /// <summary>A run whose silo does not answer is still on record: a look at it must not fail with that silo.</summary>
    private static async Task<TAnswer?> AskAsync<TAnswer>(Task<TAnswer?> call, CancellationToken cancellationToken)
        where TAnswer : class
    {
        try
        {
            return await GrainCalls.MakeAsync(call, cancellationToken);
        }
        catch (UnavailableException)
        {
            return null;
        }
    }

    /// <summary>
    /// Lets a run go on. A call that was lost may have been heard: then the next one is refused, because the run goes on, or a new run has the id that was
    /// made for it here.
    /// </summary>
    private async Task<ContinuedRun> GoOnAsync(RunRecord before, SessionContinuation message, CancellationToken cancellationToken)
    {
        var session = _calls.Session(new SessionKey(_tenant, before.Output.SessionId!));
        var calls = 0;
        try
        {
            return await _calls.RepeatAsync(
                () =>
                {
                    calls++;
                    return session.ContinueAsync(message);
                },
                cancellationToken);
        }
        catch (Exception failure) when (calls > 1 && failure is ConflictException or UnavailableException { InnerException: not null })
        {
            var newRunId = message.Continuation.NewRunId!;
            if (await _records.FindAsync(newRunId, cancellationToken) is not null)
            {
                return new ContinuedRun(newRunId, -1);
            }

            throw failure is UnavailableException ? failure
                : new UnavailableException($"The cluster did not answer in time whether run {before.Output.RunId} goes on. Look it up: a run that does not wait any more does.") { IsForCallers = true };
        }
    }
}
