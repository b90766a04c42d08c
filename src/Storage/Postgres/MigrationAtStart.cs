using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cluster.Storage.Postgres;

/// <summary>Migrates the database before anything else of the program starts, or makes sure that somebody has.</summary>
/// <param name="migrator">The migrator.</param>
/// <param name="options">Whether to migrate.</param>
/// <param name="logger">Tells what was done.</param>
internal sealed partial class MigrationAtStart(PostgresMigrator migrator, IOptions<PostgresStorageOptions> options, ILogger<MigrationAtStart> logger) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.MigrateOnStart)
        {
            await migrator.CheckAsync(cancellationToken);
            return;
        }

        var steps = await migrator.UpAsync(cancellationToken);
        if (steps > 0)
        {
            LogMigrated(steps, PostgresMigrator.LatestVersion);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
