using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Npgsql;

namespace Cluster.Storage.Postgres;

/// <summary>
/// Collects writes of many callers into few round trips. Nobody waits for a batch to fill up: whatever has arrived while the lanes
/// were busy goes out as soon as one is free.
/// </summary>
/// <typeparam name="TItem">One caller's write.</typeparam>
/// <typeparam name="TResult">What the caller is told.</typeparam>
internal sealed class Batcher<TItem, TResult> : IAsyncDisposable
    where TItem : BatchItem<TResult>
{
    private const long MaxBatchBytes = 8 * 1024 * 1024;

    private readonly Channel<TItem> _waiting = Channel.CreateUnbounded<TItem>();
    private readonly Func<IReadOnlyList<TItem>, Task> _writeAsync;
    private readonly int _maxBatchSize;
    private readonly Task _lanes;

    /// <summary>Creates the batcher and opens its lanes.</summary>
    /// <param name="writeAsync">Writes a batch in one transaction and completes every item of it; when it throws, nothing was written.</param>
    /// <param name="options">The limits.</param>
    public Batcher(Func<IReadOnlyList<TItem>, Task> writeAsync, PostgresStorageOptions options)
    {
        _writeAsync = writeAsync;
        _maxBatchSize = options.MaxBatchSize;

        // The lanes outlive whoever happens to create the store: they must not run in its scheduler (a grain's, for instance) or its trace.
        using (ExecutionContext.SuppressFlow())
        {
            _lanes = Task.WhenAll(Enumerable.Range(0, options.MaxConcurrentBatches).Select(_ =>
                Task.Factory.StartNew(RunLaneAsync, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Default).Unwrap()));
        }
    }

    /// <summary>Writes an item together with others.</summary>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">Stops waiting; the item may be written all the same.</param>
    /// <returns>The item's own outcome.</returns>
    public Task<TResult> WriteAsync(TItem item, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(!_waiting.Writer.TryWrite(item), this);
        return item.Outcome.WaitAsync(cancellationToken);
    }

    /// <summary>Ends when everything that waits has been written.</summary>
    /// <returns>A task that ends then.</returns>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _lanes;
    }

    private async Task RunLaneAsync()
    {
        while (await _waiting.Reader.WaitToReadAsync())
        {
            if (TakeBatch() is { Count: > 0 } batch)
            {
                await WriteBatchAsync(batch);
            }
        }
    }

    private List<TItem> TakeBatch()
    {
        var batch = new List<TItem>();
        for (var bytes = 0L; batch.Count < _maxBatchSize && bytes < MaxBatchBytes && _waiting.Reader.TryRead(out var item); bytes += item.Size)
        {
            batch.Add(item);
        }

        return batch;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The exception belongs to the callers that wait, and the lane must go on for others.")]
    private async Task WriteBatchAsync(List<TItem> batch)
    {
        try
        {
            await _writeAsync(batch);
        }
        catch (PostgresException) when (batch.Count > 1)
        {
            // The server refused the batch because of one of them: each alone, so that only the culprit fails.
            foreach (var item in batch)
            {
                await WriteBatchAsync([item]);
            }
        }
        catch (Exception exception)
        {
            batch.ForEach(item => item.Fail(exception));
        }
    }
}
