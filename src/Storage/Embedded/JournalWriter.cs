using System.Threading.Channels;
using Cluster.Engine.Errors;
using Microsoft.Extensions.Logging;

namespace Cluster.Storage.Embedded;

/// <summary>
/// The one writer of a store. It takes all changes that wait, checks them in order, writes those that pass in one go, makes them durable with one flush,
/// and only then answers all of them. While the disk flushes, the next batch gathers: the more callers, the fewer flushes for each.
/// </summary>
internal sealed class JournalWriter : IAsyncDisposable
{
    /// <summary>Bounds what one batch may take, so that the first caller of it does not wait for a very long write.</summary>
    private const long MaxBatchBytes = 8 * 1024 * 1024;

    private readonly Channel<WorkItem> _waiting = Channel.CreateUnbounded<WorkItem>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Journal _journal;
    private readonly Staging _staging;
    private readonly Action _batchWritten;
    private readonly ILogger _logger;
    private readonly List<ReadOnlyMemory<byte>> _frames = [];
    private readonly List<(Commit Commit, object? Answer, EngineException? Refusal)> _batch = [];
    private readonly Task _writing;
    private long _batchBytes;

    /// <summary>Creates the writer.</summary>
    /// <param name="journal">Where to write.</param>
    /// <param name="index">What is there.</param>
    /// <param name="batchWritten">Is called on the writer after each batch.</param>
    /// <param name="logger">Hears of failures.</param>
    public JournalWriter(Journal journal, StoreIndex index, Action batchWritten, ILogger logger)
    {
        _journal = journal;
        _staging = new Staging(index);
        _batchWritten = batchWritten;
        _logger = logger;
        _writing = Task.Run(WriteAllAsync);
    }

    /// <summary>Writes a change.</summary>
    /// <returns>The answer, when the change is durable.</returns>
    /// <exception cref="EngineException">The change is refused or the disk does not take it.</exception>
    public Task<object?> CommitAsync((Change Change, EncodedFrame Frame) encoded, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return EnqueueAsync(new Commit(encoded.Change, encoded.Frame), cancellationToken);
    }

    /// <summary>Does something between two batches, while nothing changes.</summary>
    public async Task<T> InTurnAsync<T>(Func<T> action, CancellationToken cancellationToken)
        where T : class =>
        (T)(await EnqueueAsync(new Turn(action), cancellationToken))!;

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _writing;
    }

    private Task<object?> EnqueueAsync(WorkItem item, CancellationToken cancellationToken)
    {
        if (!_waiting.Writer.TryWrite(item))
        {
            throw Closed();
        }

        return item.Task.WaitAsync(cancellationToken);
    }

    private async Task WriteAllAsync()
    {
        try
        {
            while (await _waiting.Reader.WaitToReadAsync())
            {
                while (_waiting.Reader.TryRead(out var item))
                {
                    Take(item);
                }

                WriteBatch();
            }
        }
        finally
        {
            // Only a bug ends the loop early. Nobody may wait for an answer that never comes.
            _waiting.Writer.TryComplete();
            _batch.ForEach(waiting => waiting.Commit.TrySetException(Closed()));
            while (_waiting.Reader.TryRead(out var item))
            {
                item.TrySetException(Closed());
            }
        }
    }

    private void Take(WorkItem item)
    {
        if (item is Commit { IsAlone: false } commit)
        {
            Stage(commit);
            if (_batchBytes >= MaxBatchBytes)
            {
                WriteBatch();
            }

            return;
        }

        WriteBatch();
        if (item is Commit alone)
        {
            Stage(alone);
            WriteBatch();
        }
        else if (item is Turn turn)
        {
            Run(turn);
        }
    }

    private void Stage(Commit commit)
    {
        if (_batch.Count == 0 && !TryPrepare(commit))
        {
            return;
        }

        try
        {
            var staged = _staging.Stage(commit.Change, new FramePlace(_journal.Active, _journal.Active.Length + _batchBytes, commit.Frame.Layout));
            if (staged.IsWritten)
            {
                Frame.Seal(commit.Frame.Bytes.Span, commit.Frame.PayloadCrc, (uint)_batchBytes);
                _frames.Add(commit.Frame.Bytes);
                _batchBytes += commit.Frame.Bytes.Length;
            }

            _batch.Add((commit, staged.Answer, null));
        }
        catch (EngineException refusal)
        {
            // What refuses it may be in this very batch, so the refusal waits for the flush too.
            _batch.Add((commit, null, refusal));
        }
    }

    // A batch stays within one segment, so its places are known while it gathers.
    private bool TryPrepare(Commit commit)
    {
        try
        {
            _journal.Prepare();
            return true;
        }
        catch (Exception error) when (IsDiskError(error))
        {
            JournalLog.WriteFailed(_logger, error, _journal.Directory, 1);
            commit.SetException(Unavailable(error));
            return false;
        }
    }

    private void WriteBatch()
    {
        if (_batch.Count == 0)
        {
            return;
        }

        try
        {
            if (_frames.Count > 0)
            {
                _journal.Append(_frames, _batchBytes);
            }

            _staging.Publish();
            Answer();
        }
        catch (Exception error) when (IsDiskError(error))
        {
            _staging.Discard();
            _journal.TryRepair();
            JournalLog.WriteFailed(_logger, error, _journal.Directory, _batch.Count);
            _batch.ForEach(waiting => waiting.Commit.SetException(Unavailable(error)));
        }

        _frames.Clear();
        _batch.Clear();
        _batchBytes = 0;
        _batchWritten();
    }

    private void Answer()
    {
        foreach (var (commit, answer, refusal) in _batch)
        {
            if (refusal is null)
            {
                commit.SetResult(answer);
            }
            else
            {
                commit.SetException(refusal);
            }
        }
    }

    private static void Run(Turn turn)
    {
        try
        {
            turn.SetResult(turn.Run());
        }
        catch (Exception error) when (IsDiskError(error))
        {
            turn.SetException(error);
        }
    }

    internal static bool IsDiskError(Exception error) => error is IOException or UnauthorizedAccessException;

    private UnavailableException Unavailable(Exception error) => new(
        $"The store in '{_journal.Directory}' cannot be written: {error.Message} Free space on its disk or make the directory writable, and try again. Nothing was changed.",
        error);

    private UnavailableException Closed() => new($"The store in '{_journal.Directory}' is closed. Start the process anew.");
}
