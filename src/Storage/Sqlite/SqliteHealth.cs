using System.Globalization;
using Cluster.Engine.Storage;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Sqlite;

/// <summary>Tells whether a database of SQLite is written.</summary>
/// <param name="database">The database.</param>
public sealed class SqliteHealth(SqliteDatabase database) : IStoreHealth
{
    /// <summary>It is written although nothing changes, and needs room beside the database as every write does.</summary>
    private static readonly string Touch = string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {SqliteMigrator.LatestVersion}");

    private static readonly Statement Look = new(
        "SELECT (SELECT count(*) FROM (SELECT 1 FROM sessions LIMIT 1)) + (SELECT count(*) FROM (SELECT 1 FROM runs LIMIT 1)) + (SELECT count(*) FROM (SELECT 1 FROM run_events LIMIT 1))");

    /// <inheritdoc/>
    public string? LastFailure => database.Outcome.Failure;

    /// <inheritdoc/>
    public ValueTask<string?> FindFailureAsync(CancellationToken cancellationToken = default) => database.Outcome.FindFailureAsync(() => database.WriteAsync(
        connection =>
        {
            connection.Number(Look);
            connection.Execute(Touch);
            return true;
        },
        cancellationToken));
}
