using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Cluster.Storage.Sqlite;

/// <summary>Opens connections with what the store relies on.</summary>
internal static class SqliteConnections
{
    private const int PageBytes = 4_096;

    /// <summary>Opens the connection that writes, and creates the file when it is not there. Every commit is on disk before it is acknowledged: that is what FULL means here.</summary>
    /// <param name="file">The database.</param>
    /// <param name="options">The sizes.</param>
    /// <returns>The connection.</returns>
    public static PreparedConnection OpenWriter(string file, SqliteStorageOptions options)
    {
        var writer = Open(Describe(file, SqliteOpenMode.ReadWriteCreate));
        writer.Execute($"PRAGMA page_size = {PageBytes}");
        writer.Execute("PRAGMA journal_mode = WAL");
        writer.Execute("PRAGMA synchronous = FULL");
        writer.Execute($"PRAGMA cache_size = -{options.PageCacheBytes / 1024}");
        writer.Execute($"PRAGMA wal_autocheckpoint = {Math.Max(1, options.CheckpointBytes / PageBytes)}");
        writer.Execute($"PRAGMA journal_size_limit = {4 * options.CheckpointBytes}");
        writer.Execute("PRAGMA temp_store = MEMORY");
        return writer;
    }

    /// <summary>Opens a connection.</summary>
    /// <param name="description">What <see cref="Describe"/> gives.</param>
    /// <returns>The connection.</returns>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "What is given closes it.")]
    public static PreparedConnection Open(string description)
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

    /// <summary>Describes a connection. Connections are kept by the store: the provider's own pool would hold the file after it was closed.</summary>
    /// <param name="file">The database.</param>
    /// <param name="mode">What the connection may do.</param>
    /// <returns>The provider's connection string.</returns>
    public static string Describe(string file, SqliteOpenMode mode) =>
        new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false, DefaultTimeout = 30 }.ConnectionString;
}
