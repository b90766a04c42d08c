using Microsoft.Extensions.Hosting;

namespace Cluster.Storage.Sqlite;

/// <summary>Opens the database when the host starts instead of at the first request: asking for it is what opens it.</summary>
/// <param name="database">The database.</param>
internal sealed class SqliteOpening(SqliteDatabase database) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = database;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
