using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
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

    private const int PageBytes = 4_096;
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
            _readerConnection = Describe(file, SqliteOpenMode.ReadOnly);
            var connection = OpenWriter(Describe(file, SqliteOpenMode.ReadWriteCreate), options);
            SqliteMigrator.Up(connection, Place, logger);
            _writer = new SqliteWriter(connection, Place, options.MaxBatchSize, Outcome);
        }
        catch (SqliteException error)
        {
            _lock.Dispose();
            throw SqliteErrors.IsDamage(error)
                ? new InvalidDataException($"The store in '{Place}' is damaged or no database of SQLite: {error.Message} Restore a copy of it, or name another directory.", error)
                : SqliteErrors.CannotOpen(Place, error);
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
    internal Task<TResult> WriteAsync<TResult>(Func<PreparedConnection, TResult> apply, CancellationToken cancellationToken, long size = PageBytes) =>
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
        var reader = Open(_readerConnection);
        reader.Execute($"PRAGMA cache_size = -{ReaderCacheKibibytes}");
        return reader;
    }

    /// <summary>Every commit is on disk before it is acknowledged: that is what FULL means here.</summary>
    private static PreparedConnection OpenWriter(string description, SqliteStorageOptions options)
    {
        var writer = Open(description);
        writer.Execute($"PRAGMA page_size = {PageBytes}");
        writer.Execute("PRAGMA journal_mode = WAL");
        writer.Execute("PRAGMA synchronous = FULL");
        writer.Execute($"PRAGMA cache_size = -{options.PageCacheBytes / 1024}");
        writer.Execute($"PRAGMA wal_autocheckpoint = {Math.Max(1, options.CheckpointBytes / PageBytes)}");
        writer.Execute($"PRAGMA journal_size_limit = {4 * options.CheckpointBytes}");
        writer.Execute("PRAGMA temp_store = MEMORY");
        return writer;
    }

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "What is given closes it.")]
    private static PreparedConnection Open(string description)
    {
        var connection = new SqliteConnection(description);
        try
        {
            connection.Open();
            return new PreparedConnection(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Connections are kept here: the provider's own pool would hold the file after it was closed.</summary>
    private static string Describe(string file, SqliteOpenMode mode) =>
        new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false, DefaultTimeout = 30 }.ConnectionString;
}
