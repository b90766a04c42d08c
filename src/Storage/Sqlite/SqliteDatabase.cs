using System.Collections.Concurrent;
using System.Data.Common;
using Cluster.Engine.Errors;
using Cluster.Storage.Sql;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cluster.Storage.Sqlite;

/// <summary>
/// An open database: one writer, and as many readers as are needed at once. Readers see what was committed and never wait for the writer. Reads are
/// answered where they are asked: they come from memory, or from the system's, in some microseconds.
/// </summary>
public sealed class SqliteDatabase : IDisposable
{
    /// <summary>Readers beyond this number are closed again after use.</summary>
    private const int MaxIdleReaders = 8;

    private const int DefaultWriteBytes = 4_096;
    private const int ReaderCacheKibibytes = 2_048;

    private readonly ConcurrentBag<PreparedConnection> _idle = [];
    private readonly DirectoryLock _lock;
    private readonly string _readerConnection;
    private readonly SqliteWriter _writer;
    private int _isDisposed;

    private SqliteDatabase(SqliteStorageOptions options, ILogger logger)
    {
        Place = Path.GetFullPath(options.Directory);
        _lock = DirectoryLock.Take(Place);
        try
        {
            var file = Path.Combine(Place, SqliteStorageOptions.FileName);
            _readerConnection = SqliteConnections.Describe(file, SqliteOpenMode.ReadOnly);
            var connection = SqliteConnections.OpenWriter(file, options);
            SqliteMigrator.Up(connection, Place, logger);
            _writer = new SqliteWriter(connection, Place, options.MaxBatchSize, Outcome);
        }
        catch (SqliteException error)
        {
            _lock.Dispose();
            throw SqliteErrors.NotOpened(Place, error);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>Gets the full path of the directory.</summary>
    internal string Place { get; }

    /// <summary>Gets what became of the last write.</summary>
    internal WriteOutcome Outcome { get; } = new(TimeProvider.System);

    /// <summary>Opens the database: takes its directory, creates it when it is not there, and brings its schema up to date.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="logger">Hears what was migrated; null for nobody.</param>
    /// <returns>The database. Dispose it to let other processes use the directory.</returns>
    /// <exception cref="UnavailableException">Another process uses the directory, or it cannot be written.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or a newer version wrote it. Nothing was changed.</exception>
    public static SqliteDatabase Open(SqliteStorageOptions options, ILogger<SqliteDatabase>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new SqliteDatabase(options, logger ?? (ILogger)NullLogger.Instance);
    }

    /// <summary>Writes what waits, then closes the files and lets go of the directory.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        try
        {
            while (_idle.TryTake(out var reader))
            {
                reader.Dispose();
            }

            // The last connection that closes moves what stands beside the database into it.
            _writer.Dispose();
        }
        finally
        {
            _lock.Dispose();
        }
    }

    /// <summary>Writes, together with other callers.</summary>
    internal Task<TResult> WriteAsync<TResult>(Func<PreparedConnection, TResult> apply, CancellationToken cancellationToken, long size = DefaultWriteBytes) =>
        _writer.WriteAsync(apply, size, cancellationToken);

    /// <summary>Reads what was committed.</summary>
    internal TResult Read<TResult>(Func<PreparedConnection, TResult> read)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        PreparedConnection? reader = null;
        try
        {
            reader = _idle.TryTake(out var idle) ? idle : OpenReader();
            return read(reader);
        }
        catch (SqliteException error) when (SqliteErrors.Translate(error, Place) is { } translated)
        {
            throw translated;
        }
        finally
        {
            GiveBack(reader);
        }
    }

    /// <summary>Reads rows.</summary>
    internal List<TRow> Query<TRow>(Statement statement, Func<DbDataReader, TRow> read) => Read(connection => connection.Query(statement, read));

    private void GiveBack(PreparedConnection? reader)
    {
        if (reader is not null && _idle.Count < MaxIdleReaders && Volatile.Read(ref _isDisposed) == 0)
        {
            _idle.Add(reader);
        }
        else
        {
            reader?.Dispose();
        }
    }

    private PreparedConnection OpenReader()
    {
        var reader = SqliteConnections.Open(_readerConnection);
        reader.Execute($"PRAGMA cache_size = -{ReaderCacheKibibytes}");
        return reader;
    }
}
