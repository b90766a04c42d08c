using System.Text;
using Cluster.Engine.Caching;
using Cluster.Engine.Errors;
using Cluster.Storage.Sql;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Cluster.Storage.Postgres;

/// <summary>
/// Keeps results in PostgreSQL, where all processes of a cluster find them. A server that is away means that nothing is found and nothing is kept: no run fails
/// for that.
/// </summary>
public sealed partial class PostgresResultCache : IResultCache
{
    /// <summary>After this part of the bound was written, what is too much is removed. Each process sees to it for what it wrote itself.</summary>
    private const int SweepsPerCapacity = 8;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly PostgresDatabase _database;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly long _capacity;
    private long _writtenSinceSweep;
    private long _nextSweepAt;

    /// <summary>Creates the cache. It does not own the data source.</summary>
    /// <param name="dataSource">The database, migrated by <see cref="PostgresMigrator"/>.</param>
    /// <param name="options">The bound.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">Where failures are noted; null for nowhere.</param>
    public PostgresResultCache(NpgsqlDataSource dataSource, IOptions<PostgresStorageOptions> options, TimeProvider timeProvider, ILogger<PostgresResultCache>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(timeProvider);
        _database = new PostgresDatabase(dataSource);
        _timeProvider = timeProvider;
        _logger = logger ?? NullLogger<PostgresResultCache>.Instance;
        _capacity = options.Value.CacheBytes;
        _nextSweepAt = Now + (long)SweepInterval.TotalMilliseconds;
    }

    private long Now => _timeProvider.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc/>
    public async ValueTask<string?> FindAsync(string key, CancellationToken cancellationToken = default)
    {
        try
        {
            var found = await _database.RunAsync(
                (connection, token) => new Statement("SELECT result FROM cached_results WHERE key = $1 AND expires_at > $2")
                    .Add(ColumnType.Text, key)
                    .Add(ColumnType.Long, Now)
                    .QueryAsync(connection, row => Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(0)), token),
                cancellationToken);
            return found.FirstOrDefault();
        }
        catch (Exception away) when (away is EngineException or NpgsqlException)
        {
            LogAway(away.Message);
            return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask PutAsync(string key, string result, TimeSpan timeToLive, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(result);
        var bytes = Encoding.UTF8.GetBytes(result);
        if (bytes.Length > _capacity)
        {
            return;
        }

        var now = Now;
        try
        {
            // What is kept was made already: whoever gives up waiting for it must not lose it for that.
            await _database.RunAsync((connection, token) => WriteAsync(connection, key, bytes, (now, now + (long)timeToLive.TotalMilliseconds), token), CancellationToken.None);
            if (IsSweepDue(bytes.Length, now))
            {
                await _database.RunAsync((connection, token) => SweepAsync(connection, now, token), CancellationToken.None);
            }
        }
        catch (Exception away) when (away is EngineException or NpgsqlException)
        {
            LogAway(away.Message);
        }
    }

    private static async Task<bool> WriteAsync(NpgsqlConnection connection, string key, byte[] result, (long WrittenAt, long ExpiresAt) times, CancellationToken cancellationToken)
    {
        await new Statement(
            """
            INSERT INTO cached_results (key, result, written_at, expires_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (key) DO UPDATE SET result = excluded.result, written_at = excluded.written_at, expires_at = excluded.expires_at
            """)
            .Add(ColumnType.Text, key)
            .Add(ColumnType.Bytes, result)
            .Add(ColumnType.Long, times.WrittenAt)
            .Add(ColumnType.Long, times.ExpiresAt)
            .ExecuteAsync(connection, cancellationToken);
        return true;
    }

    /// <summary>Rows that another process is removing are left to it: two sweeps at once neither wait for each other nor lock each other out.</summary>
    private async Task<bool> SweepAsync(NpgsqlConnection connection, long now, CancellationToken cancellationToken)
    {
        await new Statement(
            """
            WITH kept AS (
                SELECT key, expires_at, sum(octet_length(key) + octet_length(result)) OVER (ORDER BY written_at DESC, key) AS total FROM cached_results WHERE expires_at > $1
            ), doomed AS (
                SELECT key FROM cached_results
                WHERE expires_at <= $1 OR key IN (SELECT key FROM kept WHERE total > $2)
                FOR UPDATE SKIP LOCKED
            )
            DELETE FROM cached_results USING doomed WHERE cached_results.key = doomed.key
            """)
            .Add(ColumnType.Long, now)
            .Add(ColumnType.Long, _capacity)
            .ExecuteAsync(connection, cancellationToken);
        return true;
    }

    private bool IsSweepDue(int written, long now)
    {
        if (Interlocked.Add(ref _writtenSinceSweep, written) <= _capacity / SweepsPerCapacity && now < Interlocked.Read(ref _nextSweepAt))
        {
            return false;
        }

        // Of several at once one sweeps: whoever takes the counter.
        Interlocked.Exchange(ref _nextSweepAt, now + (long)SweepInterval.TotalMilliseconds);
        return Interlocked.Exchange(ref _writtenSinceSweep, 0) > 0;
    }

    [LoggerMessage(LogLevel.Warning, "The cache of results is left out: {Reason}")]
    private partial void LogAway(string reason);
}
