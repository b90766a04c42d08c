using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Errors;
using Cluster.Engine.Limits;
using Cluster.Engine.Sessions;
using Cluster.Engine.Storage;
using Cluster.Engine.Teams;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Cluster.Engine.Runs;

/// <summary>Runs agents in this process, each session one run at a time.</summary>
[SuppressMessage("Maintainability", "CA1506:Avoid excessive class coupling", Justification = "It puts together all that runs in one process.")]
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Whoever made it lets go of it; see DisposeAsync.")]
public sealed class InProcessRunHost : IRunHost
{
    private readonly RunOwnerServices _services;
    private readonly IRunRecords _records;
    private readonly RunAdmission _admission;
    private readonly SessionMailboxes _mailboxes = new();
    private readonly RunOwners _owners;
    private readonly CancelIntents _intents;
    private readonly HostStop _stop = new();
    private readonly InProcessMemberRuns _members;
    private readonly InProcessRunLookup _lookup;
    private readonly InProcessRetries _retries;
    private int _isDisposed;

    /// <summary>Creates the host.</summary>
    /// <param name="loop">The loop of agents.</param>
    /// <param name="log">Keeps the events.</param>
    /// <param name="records">Reads what became of runs.</param>
    /// <param name="sessions">Keeps the sessions.</param>
    /// <param name="admission">Turns requests into records.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">Where owners of runs report; null for nowhere.</param>
    public InProcessRunHost(
        IRunLoop loop, IRunLog log, IRunRecords records, ISessionStore sessions, RunAdmission admission, TimeProvider timeProvider, ILogger<InProcessRunHost>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(admission);
        _services = new RunOwnerServices(loop, log, sessions, timeProvider, logger ?? NullLogger<InProcessRunHost>.Instance);
        _owners = new RunOwners(_services) { Logs = new SharedRunLogs(log, records, Options.Create(new MemoryOptions()), timeProvider) };
        _intents = new CancelIntents(_services.TimeProvider);
        _records = records;
        _admission = admission;
        _lookup = new InProcessRunLookup(_owners, records, _stop);
        _retries = new InProcessRetries(
            _services.Attempts, _owners, records, (sessionId, runId, token) => _mailboxes.EnterAsync(sessionId, mailbox => TakeOverAsync([runId], mailbox), token));
        _members = new InProcessMemberRuns(_owners, _services, records, admission, _stop);
    }

    /// <summary>Gets what reads back runs that are over; without it the host has one of its own.</summary>
    public SharedRunLogs Logs
    {
        get => _owners.Logs;
        init => _owners.Logs = value;
    }

    /// <summary>Gets what keeps runs at hand that have settled, shared with other hosts.</summary>
    internal SettledRuns Settled
    {
        get => _owners.Settled;
        init => _owners.Settled = value;
    }

    /// <summary>Gets what runs the members of teams in this process.</summary>
    public IMemberRuns Members => _members;

    /// <summary>Takes up the runs that an earlier process left unfinished. One that cannot be taken up is logged and left as it is.</summary>
    /// <param name="cancellationToken">Stops looking for them.</param>
    /// <returns>How many were taken up; they work in the background.</returns>
    public async Task<int> RecoverAsync(CancellationToken cancellationToken = default)
    {
        var recovered = 0;
        var unfinished = await _services.Log.ListUnfinishedAsync(cancellationToken: cancellationToken);
        foreach (var session in unfinished.Where(run => run.ParentRunId is null).GroupBy(run => run.SessionId, run => run.RunId))
        {
            recovered += await _mailboxes.EnterAsync(session.Key, mailbox => TakeOverAsync(session, mailbox), cancellationToken);
        }

        await _members.CancelOrphansAsync(unfinished, cancellationToken);
        return recovered;
    }

    /// <summary>Tries again the runs that could not be recorded, if it is time for them. Call it every second or so; it costs nothing while there are none.</summary>
    /// <param name="cancellationToken">Stops looking.</param>
    /// <returns>How many are tried again; they work in the background.</returns>
    public Task<int> RetryAsync(CancellationToken cancellationToken = default) => _retries.RetryAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<string> StartAsync(RunRequest request, CancellationToken cancellationToken = default)
    {
        var acceptance = await _admission.PrepareAsync(request, cancellationToken);
        var accepted = await _mailboxes.EnterAsync(request.SessionId, mailbox => AcceptAsync(acceptance, mailbox), cancellationToken);
        if (!accepted.IsNew)
        {
            await AdoptAsync(accepted.RunId, cancellationToken);
        }

        return accepted.RunId;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<RunEvent> ReadEventsAsync(string runId, long afterIndex = -1, CancellationToken cancellationToken = default) =>
        _owners.ReadAsync(runId, afterIndex, cancellationToken);

    /// <inheritdoc/>
    public Task<RunOutput> WaitAsync(string runId, CancellationToken cancellationToken = default) => _lookup.WaitAsync(runId, cancellationToken);

    /// <inheritdoc/>
    public Task<RunSnapshot?> FindAsync(string runId, CancellationToken cancellationToken = default) => _lookup.FindAsync(runId, cancellationToken);

    /// <inheritdoc/>
    public async Task<RunSummary?> FindSummaryAsync(string runId, CancellationToken cancellationToken = default) =>
        _owners.Find(runId) is { State.IsSettled: false } owner
            ? RunSummary.Of(owner.State.Recorded, owner.State.Request!.Streamed) with { EventCount = owner.Feed.Count }
            : await _records.FindSummaryAsync(runId, cancellationToken);

    /// <inheritdoc/>
    public async Task<ContinuedRun> ContinueAsync(RunContinuation continuation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        var record = await _records.FindAsync(continuation.RunId, cancellationToken) ?? throw RunFence.Missing(continuation.RunId);
        var continuing = _mailboxes.EnterAsync(
            record.Output.SessionId!,
            async mailbox =>
            {
                var owner = _owners.Find(continuation.RunId);
                var log = owner is null ? await ReadLogAsync(continuation.RunId) : null;
                var state = owner?.State ?? log!.ToState();
                if (continuation.FindDone(state) is { } done)
                {
                    return new ContinuedRun(continuation.RunId, done);
                }

                var plan = await _admission.PlanAsync(state, continuation);
                if (plan.Fork is { } fork)
                {
                    return new ContinuedRun((await AcceptAsync(await _admission.PrepareAsync(fork), mailbox)).RunId, -1);
                }

                owner ??= await _owners.TakeOverAsync(continuation.RunId, log!, _stop.Stopping)
                    ?? throw new ConflictException($"Cannot continue run {continuation.RunId}: run is already running");
                return new ContinuedRun(continuation.RunId, await ContinueAsync(owner, plan.Event!, mailbox));
            },
            cancellationToken);

        // The answers may be on their way to a store that is away. Whoever gives up waiting does not take them back.
        return await continuing.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task CancelAsync(string runId, CancellationToken cancellationToken = default)
    {
        if (_owners.Find(runId) is null)
        {
            // The run may begin while this is said: whoever comes second sees what the first one did.
            _intents.Remember(runId);
        }

        if (_owners.Find(runId) is { } owner)
        {
            await owner.CancelAsync().WaitAsync(cancellationToken);
        }
        else if (await _records.FindAsync(runId, cancellationToken) is { Output: { Status: RunStatus.Paused, SessionId: { } sessionId } }
            && await _mailboxes.EnterAsync(sessionId, _ => _owners.TakePausedAsync(runId, _stop.Stopping), cancellationToken) is { } paused)
        {
            await paused.CancelAsync().WaitAsync(cancellationToken);
            _owners.Release(paused);
        }
    }

    /// <summary>Lets each run finish the step that is under way, so that no tool is left in doubt, and begins no other. <see cref="StopAsync"/> cuts off what takes too long.</summary>
    /// <param name="cancellationToken">Stops waiting for the steps.</param>
    /// <returns>A task that ends when no run works any more.</returns>
    public async Task HandOverAsync(CancellationToken cancellationToken = default)
    {
        await _stop.HandOverAsync();
        await WhenIdleAsync().WaitAsync(cancellationToken);
    }

    /// <summary>Stops working. What is unfinished stays so until <see cref="RecoverAsync"/> in the next process.</summary>
    /// <param name="cancellationToken">Stops waiting for runs that do not listen.</param>
    /// <returns>A task that ends when no run works any more.</returns>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        await _stop.StopAsync();
        await WhenIdleAsync().WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Stops what is at work and lets go of everything. The type is not <see cref="IAsyncDisposable"/> on purpose: a container hands the host to the scopes of requests,
    /// which would dispose of it.
    /// </summary>
    /// <returns>A task that ends when nothing is at work.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        await StopAsync();
        foreach (var owner in _owners.All)
        {
            owner.Dispose();
        }

        _stop.Dispose();
    }

    private Task WhenIdleAsync() => Task.WhenAll(_mailboxes.WhenIdleAsync(), _members.WhenIdleAsync());

    /// <summary>Records a run and lets it wait for its turn. Call it inside the session's door.</summary>
    private async Task<AcceptedRun> AcceptAsync(RunAcceptance acceptance, SessionMailboxes.Mailbox mailbox)
    {
        var interrupted = mailbox.Admit(acceptance.Event.Request);
        var run = await _services.Log.AcceptAsync(acceptance, CancellationToken.None);
        if (run.IsNew)
        {
            var state = RunState.Empty.Apply(acceptance.Event);
            var owner = _owners.Own(state with { Basis = state.Basis with { Sequence = run.Sequence, OpensSession = run.OpensSession && mailbox.IsIdle } });
            if (_intents.Take(owner.State.Output.RunId))
            {
                await owner.CancelAsync();
            }

            mailbox.Enqueue(owner, TurnAsync);

            if (interrupted.Count > 0)
            {
                // The run at work comes last: when it ends, the next one must know already that it is not to begin.
                await Task.WhenAll(interrupted.Skip(1).Select(ahead => ahead.CancelAsync()));
                await interrupted[0].CancelAsync();
            }
        }

        return run;
    }

    /// <summary>Takes over runs of one session. Call it inside the session's door.</summary>
    /// <returns>How many were taken over.</returns>
    private async Task<int> TakeOverAsync(IEnumerable<string> runIds, SessionMailboxes.Mailbox mailbox)
    {
        var taken = await _owners.TakeOverAllAsync(runIds, _stop.Stopping);
        foreach (var owner in taken)
        {
            mailbox.Enqueue(owner, TurnAsync);
        }

        return taken.Count;
    }

    /// <summary>Goes on with a run that lives here. Call it inside the session's door.</summary>
    private async Task<long> ContinueAsync(RunOwner owner, RecoveryEvent next, SessionMailboxes.Mailbox mailbox)
    {
        try
        {
            var last = await owner.ContinueAsync(next);
            mailbox.Enqueue(owner, TurnAsync);
            return last;
        }
        catch (EngineException) when (owner.IsLost)
        {
            _owners.Release(owner);
            throw;
        }
    }

    /// <summary>Takes up an earlier run that nobody works on: it was stored, but whoever started it never heard of it.</summary>
    private async Task AdoptAsync(string runId, CancellationToken cancellationToken)
    {
        if (_owners.Find(runId) is not null || await _records.FindAsync(runId, cancellationToken) is not { } record)
        {
            return;
        }

        if (record.Output.Status is RunStatus.Pending or RunStatus.Running)
        {
            await _mailboxes.EnterAsync(record.Output.SessionId!, mailbox => TakeOverAsync([runId], mailbox), cancellationToken);
        }
    }

    private async Task<RunLogRecord> ReadLogAsync(string runId) => await _services.Log.ReadAsync(runId) ?? throw RunFence.Missing(runId);

    private async Task TurnAsync(RunOwner owner)
    {
        await owner.TurnAsync(_stop.Stopping, _stop.HandingOver);
        _owners.Release(owner);
    }
}
