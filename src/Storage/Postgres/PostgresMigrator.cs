using System.Data;
using Cluster.Engine.Errors;
using Cluster.Storage.Sql;
using Npgsql;

namespace Cluster.Storage.Postgres;

/// <summary>
/// Brings a database's schema up or down, one transaction per version, or none where readers and writers are not to wait; then what was interrupted is made again.
/// Any number of migrators may run at once: a lock in the database lets
/// one work at a time, and the others find the work done.
/// </summary>
/// <param name="dataSource">The database.</param>
public sealed class PostgresMigrator(NpgsqlDataSource dataSource)
{
    /// <summary>An arbitrary number that only migrators lock.</summary>
    private const long LockKey = 0x636C7573746572;

    private const int NoTimeout = 0;
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(50);

    private readonly PostgresDatabase _database = new(dataSource);

    /// <summary>Gets the newest version that this program knows.</summary>
    public static int LatestVersion => Migration.Postgres[^1].Version;

    /// <summary>Gets the version that this program needs: the newest one before which programs of the version before can work as well.</summary>
    public static int RequiredVersion { get; } = Migration.Postgres.Last(migration => !migration.IsContraction).Version;

    /// <summary>Reads the version of the database.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The version; 0 for a database that was never migrated.</returns>
    /// <exception cref="UnavailableException">The server is away.</exception>
    public Task<int> GetVersionAsync(CancellationToken cancellationToken = default) =>
        _database.RunAsync(async (connection, token) => await ReadVersionAsync(connection, token), cancellationToken);

    /// <summary>Makes sure that the database has a schema that this program works with.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A task that ends when it has.</returns>
    /// <exception cref="ConflictException">The database is older or newer than this program.</exception>
    /// <exception cref="UnavailableException">The server is away.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken = default)
    {
        var version = await GetVersionAsync(cancellationToken);
        RefuseNewer(version);
        if (version < RequiredVersion)
        {
            throw new ConflictException(
                $"The database of PostgreSQL at {_database.Name} has schema version {version}, and this program needs version {RequiredVersion}. "
                + "Run `silo migrate` with a role that may change the schema, then start again.");
        }
    }

    /// <summary>Brings the database up to the version that this program needs; one that has nothing yet, to the newest.</summary>
    /// <param name="cancellationToken">Stops between two versions or during one, which is then undone; indexes that are made beside others stay, and are gone on with the next time.</param>
    /// <returns>How many versions it went up.</returns>
    /// <exception cref="ConflictException">The database is newer than this program.</exception>
    /// <exception cref="UnavailableException">The server is away.</exception>
    public async Task<int> UpAsync(CancellationToken cancellationToken = default) =>
        await MigrateAsync(await GetVersionAsync(cancellationToken) == 0 ? LatestVersion : RequiredVersion, isUp: true, cancellationToken);

    /// <summary>Brings the database up to the newest version. Programs of the version before cannot work on it from then on.</summary>
    /// <param name="cancellationToken">Stops between two versions or during one, which is then undone.</param>
    /// <returns>How many versions it went up.</returns>
    /// <exception cref="ConflictException">The database is newer than this program.</exception>
    /// <exception cref="UnavailableException">The server is away.</exception>
    public Task<int> ContractAsync(CancellationToken cancellationToken = default) => MigrateAsync(LatestVersion, isUp: true, cancellationToken);

    /// <summary>Brings the database down to an older version. What only newer versions can keep is lost.</summary>
    /// <param name="toVersion">The version to end at; 0 removes everything.</param>
    /// <param name="cancellationToken">Stops between two versions or during one, which is then undone.</param>
    /// <returns>How many versions it went down.</returns>
    /// <exception cref="ConflictException">The database is newer than this program.</exception>
    /// <exception cref="UnavailableException">The server is away.</exception>
    public Task<int> DownAsync(int toVersion, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(toVersion);
        return MigrateAsync(toVersion, isUp: false, cancellationToken);
    }

    private async Task<int> MigrateAsync(int target, bool isUp, CancellationToken cancellationToken)
    {
        var steps = 0;
        while (await _database.RunAsync((connection, token) => StepAsync(connection, target, isUp, token), cancellationToken))
        {
            steps++;
        }

        return steps;
    }

    private async Task<bool> StepAsync(NpgsqlConnection connection, int target, bool isUp, CancellationToken cancellationToken)
    {
        await using var transaction = await LockAsync(connection, cancellationToken);
        var version = await ReadVersionAsync(connection, cancellationToken);
        RefuseNewer(version);
        if (isUp ? version >= target : version <= target)
        {
            return false;
        }

        await (isUp
            ? UpAsync(connection, Migration.Postgres.First(migration => migration.Version > version), cancellationToken)
            : DownAsync(connection, Migration.Postgres.First(migration => migration.Version == version), cancellationToken));
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>
    /// Waits for its turn in no transaction: indexes that another migrator makes beside readers and writers wait for the end of each that was seen while it asked, and one that asks until
    /// it has the lock would not end before them.
    /// </summary>
    private static async Task<NpgsqlTransaction> LockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tryLock = new Statement("SELECT pg_try_advisory_xact_lock($1)").Add(ColumnType.Long, LockKey);
        while (true)
        {
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
            if ((await tryLock.QueryAsync(connection, row => row.GetBoolean(0), cancellationToken))[0])
            {
                return transaction;
            }

            await transaction.DisposeAsync();
            await Task.Delay(LockPause, cancellationToken);
        }
    }

    private void RefuseNewer(int version)
    {
        if (version > LatestVersion)
        {
            throw new ConflictException(
                $"The database of PostgreSQL at {_database.Name} has schema version {version}, and this program knows versions up to {LatestVersion}. Use a newer program, or migrate down with one.");
        }
    }

    private async Task UpAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        await new Statement("CREATE TABLE IF NOT EXISTS schema_version (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())")
            .ExecuteAsync(connection, cancellationToken);
        if (migration.PartsUp() is { Count: > 0 } parts && await HasRowsAsync(cancellationToken))
        {
            await MakeAsync(parts, cancellationToken);
        }
        else
        {
            await new Statement(migration.ReadUpAtOnce()).ExecuteAsync(connection, cancellationToken, NoTimeout);
        }

        await new Statement("INSERT INTO schema_version (version, name) VALUES ($1, $2)")
            .Add(ColumnType.Integer, migration.Version)
            .Add(ColumnType.Text, migration.Name)
            .ExecuteAsync(connection, cancellationToken);
    }

    /// <summary>The lock is held by the transaction of another connection meanwhile.</summary>
    private async Task MakeAsync(IReadOnlyList<string> parts, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        foreach (var part in parts)
        {
            await new Statement(part).ExecuteAsync(connection, cancellationToken, NoTimeout);
        }
    }

    /// <summary>Without rows nobody has to wait, and one transaction is quicker. The one that holds the lock must not look: it would keep the table from being changed.</summary>
    private async Task<bool> HasRowsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var exists = await new Statement("SELECT to_regclass('sessions') IS NOT NULL").QueryAsync(connection, row => row.GetBoolean(0), cancellationToken);
        return exists[0] && (await new Statement("SELECT EXISTS (SELECT FROM sessions)").QueryAsync(connection, row => row.GetBoolean(0), cancellationToken))[0];
    }

    private static async Task DownAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        await new Statement(migration.ReadDown()).ExecuteAsync(connection, cancellationToken, NoTimeout);
        await new Statement("DELETE FROM schema_version WHERE version = $1").Add(ColumnType.Integer, migration.Version).ExecuteAsync(connection, cancellationToken);
    }

    private static async Task<int> ReadVersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Opening the catalogue is what makes the server hear that another connection has made the table meanwhile.
        var exists = await new Statement("SELECT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('schema_version'))").QueryAsync(connection, row => row.GetBoolean(0), cancellationToken);
        return exists[0]
            ? (await new Statement("SELECT coalesce(max(version), 0) FROM schema_version").QueryAsync(connection, row => row.GetInt32(0), cancellationToken))[0]
            : 0;
    }
}
