using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Cluster.Engine.Errors;
using Cluster.Storage.Sql;
using Npgsql;

namespace Cluster.Storage.Postgres.Claims;

/// <summary>The connection whose session holds the lock of a database. The server lets go of the lock when it ends, however it ends.</summary>
internal sealed class ClaimConnection : IAsyncDisposable
{
    /// <summary>What anybody may read of a refusal.</summary>
    public const string ClaimedByOthers = "another process works on the database";

    private const string Ours = "l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.classid::bigint = $1 AND l.objid::bigint = $2 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly NpgsqlConnection _connection;
    private long _key;

    private ClaimConnection(NpgsqlConnection connection) => _connection = connection;

    /// <summary>Takes the lock.</summary>
    /// <param name="dataSource">The database.</param>
    /// <param name="use">Whether others may have it too.</param>
    /// <param name="name">The database's name, for messages.</param>
    /// <param name="cancellationToken">Stops trying.</param>
    /// <returns>The connection that has it.</returns>
    /// <exception cref="UnavailableException">Another process has it, or the server is away.</exception>
    public static async Task<ClaimConnection> OpenAsync(NpgsqlDataSource dataSource, DatabaseUse use, string name, CancellationToken cancellationToken)
    {
        try
        {
            var opened = new ClaimConnection(await dataSource.OpenConnectionAsync(cancellationToken));
            try
            {
                await opened.TakeAsync(use, name, cancellationToken);
                return opened;
            }
            catch
            {
                await opened.DisposeAsync();
                throw;
            }
        }
        catch (Exception exception) when (PostgresErrors.Translate(exception, name) is { } translated)
        {
            throw translated;
        }
    }

    /// <summary>Looks whether the lock is still there. A pooler that gives each transaction another session has taken it away.</summary>
    /// <param name="cancellationToken">Stops looking.</param>
    /// <returns>False when it is not, or the server does not answer.</returns>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever it is, the lock cannot be relied on.")]
    public async Task<bool> IsHeldAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            var held = await WithKey(new Statement($"SELECT count(*) FROM pg_locks l WHERE {Ours} AND l.pid = pg_backend_pid()"))
                .QueryAsync(_connection, row => row.GetInt64(0), patience.Token);
            return held[0] > 0;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Lets go of the lock: the connection goes back to its pool, where it must not keep it.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A connection that cannot be told has lost its lock, or is closed.")]
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await new Statement("SELECT pg_advisory_unlock_all()").ExecuteAsync(_connection, patience.Token);
        }
        catch (Exception)
        {
            // The session is gone, and the lock with it.
        }

        await _connection.DisposeAsync();
    }

    /// <summary>Locks of this kind belong to one database of a server, in which each schema may be a store of its own.</summary>
    private static long KeyOf(string schema) => BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"cluster/runs/{schema}")));

    private Statement WithKey(Statement statement) => statement.Add(ColumnType.Long, (long)(uint)(_key >> 32)).Add(ColumnType.Long, (long)(uint)_key);

    private async Task TakeAsync(DatabaseUse use, string name, CancellationToken cancellationToken)
    {
        // A server that waits for a machine that is gone would keep the lock for hours.
        foreach (var setting in new[] { "tcp_keepalives_idle = 5", "tcp_keepalives_interval = 2", "tcp_keepalives_count = 3" })
        {
            await new Statement($"SET {setting}").ExecuteAsync(_connection, cancellationToken);
        }

        var schema = await new Statement("SELECT coalesce(current_schema(), '')").QueryAsync(_connection, row => row.GetString(0), cancellationToken);
        _key = KeyOf(schema[0]);
        var function = use == DatabaseUse.Alone ? "pg_try_advisory_lock" : "pg_try_advisory_lock_shared";
        var taken = await new Statement($"SELECT {function}($1)").Add(ColumnType.Long, _key).QueryAsync(_connection, row => row.GetBoolean(0), cancellationToken);
        if (!taken[0])
        {
            throw await RefuseAsync(use, name, cancellationToken);
        }
    }

    private async Task<UnavailableException> RefuseAsync(DatabaseUse use, string name, CancellationToken cancellationToken)
    {
        var holders = await WithKey(new Statement(
                "SELECT l.mode = 'ExclusiveLock', l.pid, coalesce(a.application_name, ''), coalesce(host(a.client_addr), 'this machine') "
                + $"FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid WHERE {Ours} ORDER BY l.pid LIMIT 3"))
            .QueryAsync(_connection, row => (IsAlone: row.GetBoolean(0), Text: $"{row.GetString(2)} from {row.GetString(3)}, process {row.GetInt32(1)} of the server".TrimStart()), cancellationToken);
        var who = holders is [{ IsAlone: false }, ..] ? "silos of a cluster" : "a server of its own";
        var where = holders.Count == 0 ? string.Empty : $" ({string.Join("; ", holders.Select(holder => holder.Text))})";
        var remedy = use == DatabaseUse.Alone
            ? "Only one server can work on a database: stop the other one, give this one a database of its own, or run silos and gateways, which share one."
            : "Silos share a database with silos only: stop that server, or give the cluster a database of its own.";
        return new UnavailableException($"The database of PostgreSQL at {name} is in use by {who}{where}. {remedy}") { NeedsRepair = true, Reason = ClaimedByOthers };
    }
}
