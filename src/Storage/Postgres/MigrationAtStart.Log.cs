using Microsoft.Extensions.Logging;

namespace Cluster.Storage.Postgres;

internal sealed partial class MigrationAtStart
{
    [LoggerMessage(LogLevel.Information, "Migrated the database {Steps} versions up to {Version}")]
    private partial void LogMigrated(int steps, int version);

    [LoggerMessage(LogLevel.Warning, "{Reason} Trying again every second")]
    private partial void LogWaiting(string reason);
}
