using Cluster.Storage.Maintenance;
using Cluster.Storage.Sqlite;

namespace Cluster.Standalone.Stores;

/// <summary>Finds the store of a server that does not run.</summary>
internal static class StoreSettings
{
    /// <summary>Gives the maintenance of the store that the server would use.</summary>
    /// <param name="settings">The settings from the command line.</param>
    /// <returns>The maintenance.</returns>
    public static IStoreMaintenance Open(IReadOnlyDictionary<string, string?> settings)
    {
        var configuration = Server.CreateConfiguration(settings);
        var options = configuration.GetSection(StandaloneOptions.SectionName).Get<StandaloneOptions>() ?? new StandaloneOptions();
        return StoreMaintenance.Of(options.Store, TimeProvider.System, configuration.GetSection(SqliteStorageOptions.SectionName).Get<SqliteStorageOptions>());
    }
}
