using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Errors;
using Cluster.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace Cluster.Storage.Sqlite;

/// <summary>
/// The one writer of a database. It takes all writes that wait, makes one transaction of them, and answers all when it is on disk. While the disk flushes,
/// the next batch gathers: the more callers, the fewer flushes for each. It has a thread of its own, because flushing blocks.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    /// <summary>Bounds what one batch may take, so that the first caller of it does not wait for a very long write.</summary>
    private const long MaxBatchBytes = 8 * 1024 * 1024;

    private readonly BlockingCollection<SqliteWrite> _waiting = [];
    private readonly PreparedConnection _connection;
    private readonly string _place;
    private readonly int _maxBatchSize;
    private readonly WriteOutcome _outcome;
    private readonly Thread _thread;

    /// <summary>Starts the writer, which closes the connection in the end.</summary>
    /// <param name="connection">The connection that it alone uses.</param>
    /// <param name="place">The directory, for messages.</param>
    /// <param name="maxBatchSize">How many writes share a transaction at most.</param>
    /// <param name="outcome">Is told what became of the writes.</param>
    public SqliteWriter(PreparedConnection connection, string place, int maxBatchSize, WriteOutcome outcome)
    {
        _connection = connection;
        _place = place;
        _maxBatchSize = maxBatchSize;
        _outcome = outcome;
        _thread = new Thread(WriteAll) { IsBackground = true, Name = "sqlite-writer" };
        _thread.UnsafeStart();
    }

    /// <summary>Writes, together with others.</summary>
    /// <typeparam name="TResult">The answer.</typeparam>
    /// <param name="apply">Checks, writes and answers. It may be called twice, the first time for nothing, and throws before it writes.</param>
    /// <param name="size">About how many bytes it writes.</param>
    /// <param name="cancellationToken">Stops waiting; it may be written all the same.</param>
    /// <returns>The answer, when it is durable.</returns>
    /// <exception cref="EngineException">The write is refused, or the disk does not take it.</exception>
    public Task<TResult> WriteAsync<TResult>(Func<PreparedConnection, TResult> apply, long size, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var write = new SqliteWrite<TResult>(apply, size);
        try
        {
            _waiting.Add(write, CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            throw new UnavailableException($"The store in '{_place}' is closed.");
        }

        return write.Outcome.WaitAsync(cancellationToken);
    }

    /// <summary>Writes what waits, and ends.</summary>
    public void Dispose()
    {
        _waiting.CompleteAdding();
        _thread.Join();
        _waiting.Dispose();
        _connection.Dispose();
    }

    private void WriteAll()
    {
        var batch = new List<SqliteWrite>();
        foreach (var first in _waiting.GetConsumingEnumerable())
        {
            batch.Add(first);
            for (var bytes = first.Size; batch.Count < _maxBatchSize && bytes < MaxBatchBytes && _waiting.TryTake(out var next); bytes += next.Size)
            {
                batch.Add(next);
            }

            Write(batch);
            batch.Clear();
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The exception belongs to the callers that wait, and the writer must go on for others.")]
    private void Write(List<SqliteWrite> batch)
    {
        try
        {
            _connection.Execute("BEGIN IMMEDIATE");
            batch.ForEach(write => write.Apply(_connection));
            _connection.Execute("COMMIT");
        }
        catch (Exception failure)
        {
            RollBack();
            Recover(batch, failure);
            return;
        }

        _outcome.Succeed();
        batch.ForEach(write => write.Complete());
    }

    /// <summary>One of them may be to blame for the failure: each alone, so that only that one fails. A disk that fails, fails all.</summary>
    private void Recover(List<SqliteWrite> batch, Exception failure)
    {
        var translated = failure is SqliteException error ? SqliteErrors.Translate(error, _place) : null;
        if (batch.Count == 1 || translated is UnavailableException)
        {
            _outcome.Fail(translated ?? failure);
            batch.ForEach(write => write.Fail(translated ?? failure));
            return;
        }

        foreach (var write in batch)
        {
            Write([write]);
        }
    }

    /// <summary>SQLite has rolled back by itself after some failures, a full disk for instance; then there is nothing left to do.</summary>
    private void RollBack()
    {
        try
        {
            _connection.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // No transaction is open.
        }
    }
}
