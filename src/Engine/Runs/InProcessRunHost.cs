using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Cluster.Engine.Agents;
using Cluster.Engine.Sessions;
using Cluster.Engine.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cluster.Engine.Runs;

/// <summary>Runs agents in this process, each session one run at a time.</summary>
public sealed class InProcessRunHost : IRunHost, IAsyncDisposable
{
    /// <summary>So many runs are kept at hand after they settled: whoever started one may still want its outcome.</summary>
    private const int SettledRunsKept = 256;

    private readonly RunOwnerServices _services;
    private readonly IRunRecords _records;
    private readonly RunAdmission _admission;
    private readonly SessionMailboxes _mailboxes = new();
    private readonly ConcurrentDictionary<string, RunOwner> _owners = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _settled = new();
    private readonly CancellationTokenSource _stopping = new();
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
        _services = new RunOwnerServices(loop, log, sessions, timeProvider, logger ?? NullLogger<InProcessRunHost>.Instance);
        _records = records;
        _admission = admission;
    }

    /// <summary>Takes up the runs that an earlier process left unfinished.</summary>
    /// <param name="cancellationToken">Stops looking for them.</param>
    /// <returns>How many were taken up; they work in the background.</returns>
    public async Task<int> RecoverAsync(CancellationToken cancellationToken = default)
    {
        var recovered = 0;
        foreach (var run in await _services.Log.ListUnfinishedAsync(cancellationToken))
        {
            recovered += await _mailboxes.EnterAsync(run.SessionId, mailbox => TakeOverAsync(run.RunId, mailbox), cancellationToken) ? 1 : 0;
        }

        return recovered;
    }

    /// <inheritdoc/>
    public Task<string> StartAsync(RunRequest request, CancellationToken cancellationToken = default)
    {
        var acceptance = _admission.Prepare(request);
        return _mailboxes.EnterAsync(
            request.SessionId,
            async mailbox =>
            {
                var interrupted = mailbox.Admit(request);
                var accepted = await _services.Log.AcceptAsync(acceptance, CancellationToken.None);
                if (accepted.IsNew)
                {
                    var owner = new RunOwner(_services, RunState.Empty.Apply(acceptance.Event) with { Sequence = accepted.Sequence });
                    _owners[accepted.RunId] = owner;
                    mailbox.Enqueue(owner, TurnAsync);
                    await Task.WhenAll(interrupted.Select(run => run.CancelAsync()));
                }

                return accepted.RunId;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RunEvent> ReadEventsAsync(
        string runId, long afterIndex = -1, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (!_owners.TryGetValue(runId, out var owner))
        {
            var log = await _services.Log.ReadAsync(runId, cancellationToken) ?? throw RunFence.Missing(runId);
            var feed = new RunFeed(RunEventLog.ToPublic(log.Events));
            feed.End();
            await foreach (var next in feed.ReadAsync(afterIndex, cancellationToken))
            {
                yield return next;
            }

            yield break;
        }

        await foreach (var next in owner.Feed.ReadAsync(afterIndex, cancellationToken))
        {
            yield return next;
        }
    }

    /// <inheritdoc/>
    public async Task<RunOutput> WaitAsync(string runId, CancellationToken cancellationToken = default)
    {
        if (_owners.TryGetValue(runId, out var owner))
        {
            await owner.Feed.WaitAsync(cancellationToken);
            if (!owner.IsLost)
            {
                return owner.State.Output;
            }
        }

        return (await _records.FindAsync(runId, cancellationToken))?.Output ?? throw RunFence.Missing(runId);
    }

    /// <inheritdoc/>
    public async Task<RunSnapshot?> FindAsync(string runId, CancellationToken cancellationToken = default)
    {
        if (_owners.TryGetValue(runId, out var owner) && !owner.State.IsSettled)
        {
            return new RunSnapshot(owner.State.Output, owner.Feed.Count, owner.State.Request!.Streamed);
        }

        return await _records.FindAsync(runId, cancellationToken) is { } record ? new RunSnapshot(record.Output, null, record.Streamed) : null;
    }

    /// <inheritdoc/>
    public async Task<long> ContinueAsync(RunContinuation continuation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        var record = await _records.FindAsync(continuation.RunId, cancellationToken) ?? throw RunFence.Missing(continuation.RunId);
        return await _mailboxes.EnterAsync(
            record.Output.SessionId!,
            async mailbox =>
            {
                var owner = _owners.GetValueOrDefault(continuation.RunId);
                var state = owner?.State ?? RunState.From((await ReadLogAsync(continuation.RunId)).Events);
                var answers = Answers.Check(state, continuation.Tools);
                owner ??= _owners[continuation.RunId] = await RunOwner.TakeOverAsync(_services, await ReadLogAsync(continuation.RunId));
                var last = await owner.ContinueAsync(answers);
                mailbox.Enqueue(owner, TurnAsync);
                return last;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task CancelAsync(string runId, CancellationToken cancellationToken = default) =>
        _owners.TryGetValue(runId, out var owner) ? owner.CancelAsync() : Task.CompletedTask;

    /// <summary>Stops working. What is unfinished stays so until <see cref="RecoverAsync"/> in the next process.</summary>
    /// <param name="cancellationToken">Stops waiting for runs that do not listen.</param>
    /// <returns>A task that ends when no run works any more.</returns>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        await _stopping.CancelAsync();
        await _mailboxes.WhenIdleAsync().WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // The container knows the host under two types and disposes of it under each.
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        await StopAsync();
        foreach (var owner in _owners.Values)
        {
            owner.Dispose();
        }

        _stopping.Dispose();
    }

    private async Task<bool> TakeOverAsync(string runId, SessionMailboxes.Mailbox mailbox)
    {
        // Requests may arrive before the recovery: their runs live here already. And sessions may have been deleted meanwhile.
        if (_owners.ContainsKey(runId) || await _services.Log.ReadAsync(runId) is not { } log)
        {
            return false;
        }

        var owner = await RunOwner.TakeOverAsync(_services, log);
        _owners[runId] = owner;
        mailbox.Enqueue(owner, TurnAsync);
        return true;
    }

    private async Task<RunLogRecord> ReadLogAsync(string runId) => await _services.Log.ReadAsync(runId) ?? throw RunFence.Missing(runId);

    private async Task TurnAsync(RunOwner owner)
    {
        await owner.TurnAsync(_stopping.Token);
        if (owner.IsLost)
        {
            _owners.TryRemove(KeyValuePair.Create(owner.State.Output.RunId, owner));
            return;
        }

        _settled.Enqueue(owner.State.Output.RunId);
        while (_settled.Count > SettledRunsKept && _settled.TryDequeue(out var oldest))
        {
            Forget(oldest);
        }
    }

    /// <summary>Lets go of a settled run, unless it was continued and works again.</summary>
    private void Forget(string runId)
    {
        if (_owners.TryGetValue(runId, out var owner) && owner.State.IsSettled)
        {
            _owners.TryRemove(KeyValuePair.Create(runId, owner));
        }
    }
}
