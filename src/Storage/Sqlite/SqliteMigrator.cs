using System.Globalization;
using Cluster.Storage.Sql;
using Microsoft.Extensions.Logging;

namespace Cluster.Storage.Sqlite;

/// <summary>Brings a database's schema up to this program's version when it is opened, one transaction per version. Its number is SQLite's <c>user_version</c>.</summary>
internal static partial class SqliteMigrator
{
    /// <summary>Gets the newest version that this program knows.</summary>
    public static int LatestVersion => Migration.Sqlite[^1].Version;

    /// <summary>Migrates up.</summary>
    /// <param name="connection">The connection of the writer.</param>
    /// <param name="place">The directory, for messages.</param>
    /// <param name="logger">Hears what was done.</param>
    /// <exception cref="InvalidDataException">A newer program wrote the database.</exception>
    public static void Up(PreparedConnection connection, string place, ILogger logger)
    {
        var version = ReadVersion(connection);
        RefuseNewer(version, place);
        foreach (var migration in Migration.Sqlite.Where(migration => migration.Version > version))
        {
            Step(connection, migration.ReadUp(), migration.Version);
        }

        if (version < LatestVersion)
        {
            LogMigrated(logger, place, LatestVersion);
        }
    }

    /// <summary>Makes sure that a database has the schema of this program, without changing it.</summary>
    /// <param name="connection">A connection that may be one that only reads.</param>
    /// <param name="place">The directory, for messages.</param>
    /// <exception cref="InvalidDataException">It has another one.</exception>
    public static void Check(PreparedConnection connection, string place)
    {
        var version = ReadVersion(connection);
        RefuseNewer(version, place);
        if (version < LatestVersion)
        {
            throw new InvalidDataException(
                $"The store in '{place}' has schema version {version}, and this program works on version {LatestVersion}. Start the server once, which brings it up to date. Nothing was changed.");
        }
    }

    /// <summary>Migrates down. What only newer versions can keep is lost.</summary>
    /// <param name="connection">The connection of the writer.</param>
    /// <param name="toVersion">The version to end at; 0 removes everything.</param>
    public static void Down(PreparedConnection connection, int toVersion)
    {
        var version = ReadVersion(connection);
        foreach (var migration in Migration.Sqlite.Where(migration => migration.Version > toVersion && migration.Version <= version).Reverse())
        {
            Step(connection, migration.ReadDown(), Migration.Sqlite.LastOrDefault(older => older.Version < migration.Version)?.Version ?? 0);
        }
    }

    private static void RefuseNewer(long version, string place)
    {
        if (version > LatestVersion)
        {
            throw new InvalidDataException(
                $"The store in '{place}' has schema version {version}, and this program knows versions up to {LatestVersion}. Use a newer program. Nothing was changed.");
        }
    }

    private static long ReadVersion(PreparedConnection connection) => connection.Number(new Statement("PRAGMA user_version")) ?? 0;

    private static void Step(PreparedConnection connection, string sql, int version) =>
        connection.Execute(string.Create(CultureInfo.InvariantCulture, $"BEGIN IMMEDIATE; {sql} PRAGMA user_version = {version}; COMMIT"));

    [LoggerMessage(LogLevel.Information, "The store in {Place} has schema version {Version} now")]
    private static partial void LogMigrated(ILogger logger, string place, int version);
}
