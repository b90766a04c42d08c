using Cluster.Engine.Errors;
using Cluster.Storage.Sqlite;

namespace Cluster.Storage.Maintenance;

/// <summary>Gives the maintenance of a store by its name in settings.</summary>
public static class StoreMaintenance
{
    /// <summary>Gives the maintenance of a store. Nothing is opened yet.</summary>
    /// <param name="store">The store, as <see cref="StoreAddress"/> reads it.</param>
    /// <param name="timeProvider">The clock, for what is written down of when something was done.</param>
    /// <param name="sqlite">The settings of SQLite, whose directory the store replaces; null for the defaults.</param>
    /// <returns>The maintenance.</returns>
    /// <exception cref="InvalidRequestException">There is no such store, or it is in memory.</exception>
    public static IStoreMaintenance Of(string store, TimeProvider timeProvider, SqliteStorageOptions? sqlite = null)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        return StoreAddress.Parse(store) switch
        {
            { Kind: StoreKind.Sqlite, Place: var directory } => new SqliteMaintenance(At(sqlite ?? new SqliteStorageOptions(), directory), timeProvider),
            { Kind: StoreKind.Postgres, Place: var connection } => new PostgresMaintenance(connection, timeProvider),
            _ => throw new InvalidRequestException("A store in memory ends with its process: there is nothing to work on. Name another one with --store sqlite:DIRECTORY or --store postgres:CONNECTION."),
        };
    }

    private static SqliteStorageOptions At(SqliteStorageOptions options, string directory)
    {
        options.Directory = directory;
        return options;
    }
}
