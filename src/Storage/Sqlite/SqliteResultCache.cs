using System.Diagnostics.CodeAnalysis;
using System.Text;
using Cluster.Engine.Caching;
using Cluster.Storage.Sql;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cluster.Storage.Sqlite;

/// <summary>
/// Keeps results in a database of their own beside the store's, which is never flushed: the store is for what must not be lost. A disk that fails means that
/// nothing is found and nothing is kept: no run fails for that.
/// </summary>
public sealed partial class SqliteResultCache : IResultCache, IDisposable
{
    private const string FileName = "results.db";

    private const string Schema =
        "CREATE TABLE IF NOT EXISTS results (key BLOB PRIMARY KEY, written INTEGER NOT NULL, expires_at INTEGER NOT NULL, bytes INTEGER NOT NULL, result BLOB NOT NULL) STRICT; "
        + "CREATE INDEX IF NOT EXISTS results_by_age ON results (written); CREATE INDEX IF NOT EXISTS results_by_expiry ON results (expires_at)";

    private readonly Lock _lock = new();
    private readonly string _file;
    private readonly long _capacity;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private PreparedConnection? _connection;
    private long _size;

    /// <summary>Opens the cache. The caller sees to it that no other process uses the directory.</summary>
    /// <param name="options">The directory of the store, and the bound.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">Where failures are noted; null for nowhere.</param>
    public SqliteResultCache(SqliteStorageOptions options, TimeProvider timeProvider, ILogger<SqliteResultCache>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(timeProvider);
        _file = Path.Combine(Path.GetFullPath(options.Directory), FileName);
        _capacity = options.CacheBytes;
        _timeProvider = timeProvider;
        _logger = logger ?? NullLogger<SqliteResultCache>.Instance;
        Guard(Open);
    }

    private long Now => _timeProvider.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc/>
    public ValueTask<string?> FindAsync(string key, CancellationToken cancellationToken = default)
    {
        var statement = new Statement("SELECT result FROM results WHERE key = $1 AND expires_at > $2").Add(ColumnType.Bytes, ToKey(key)).Add(ColumnType.Long, Now);
        return ValueTask.FromResult(Guard(connection => connection.Find(statement, row => Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(0)))));
    }

    /// <inheritdoc/>
    public ValueTask PutAsync(string key, string result, TimeSpan timeToLive, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(result);
        var bytes = Encoding.UTF8.GetBytes(result);
        var size = bytes.Length + Encoding.UTF8.GetByteCount(key);
        if (size <= _capacity)
        {
            Guard(connection => Put(connection, key, bytes, size, timeToLive));
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _connection?.Dispose();
            _connection = null;
        }
    }

    private bool Put(PreparedConnection connection, string key, byte[] result, long size, TimeSpan timeToLive)
    {
        var now = Now;
        Remove(connection, new Statement("DELETE FROM results WHERE key = $1 RETURNING bytes").Add(ColumnType.Bytes, ToKey(key)));
        Remove(connection, new Statement("DELETE FROM results WHERE expires_at <= $1 RETURNING bytes").Add(ColumnType.Long, now));
        while (_size + size > _capacity)
        {
            Remove(connection, new Statement("DELETE FROM results WHERE written = (SELECT min(written) FROM results) RETURNING bytes"));
        }

        connection.Execute(new Statement("INSERT INTO results (key, written, expires_at, bytes, result) VALUES ($1, (SELECT coalesce(max(written), 0) + 1 FROM results), $2, $3, $4)")
            .Add(ColumnType.Bytes, ToKey(key))
            .Add(ColumnType.Long, now + (long)timeToLive.TotalMilliseconds)
            .Add(ColumnType.Long, size)
            .Add(ColumnType.Bytes, result));
        _size += size;
        return true;
    }

    private void Remove(PreparedConnection connection, Statement statement) => _size -= connection.Query(statement, row => row.GetInt64(0)).Sum();

    /// <summary>A cache that is damaged is begun anew.</summary>
    private void Open()
    {
        try
        {
            OpenFile();
        }
        catch (SqliteException damage) when (SqliteErrors.IsDamage(damage))
        {
            File.Delete(_file);
            OpenFile();
        }
    }

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "What is given closes it.")]
    private void OpenFile()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _file, Pooling = false }.ConnectionString);
        try
        {
            connection.Open();
            var prepared = new PreparedConnection(connection);
            prepared.Execute("PRAGMA journal_mode = MEMORY");
            prepared.Execute("PRAGMA synchronous = OFF");
            prepared.Execute(Schema);
            _size = prepared.Number(new Statement("SELECT coalesce(sum(bytes), 0) FROM results")) ?? 0;
            _connection = prepared;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Keys may hold anything, a NUL too.</summary>
    private static byte[] ToKey(string key) => Encoding.UTF8.GetBytes(key);

    private T? Guard<T>(Func<PreparedConnection, T?> work)
    {
        var result = default(T);
        Guard(() => result = _connection is { } connection ? work(connection) : default);
        return result;
    }

    private void Guard(Action work)
    {
        try
        {
            lock (_lock)
            {
                work();
            }
        }
        catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException)
        {
            LogFailed(error, _file);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The cache of results in {File} cannot be used")]
    private partial void LogFailed(Exception error, string file);
}
