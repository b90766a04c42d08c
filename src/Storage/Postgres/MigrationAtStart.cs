using Cluster.Engine.Errors;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cluster.Storage.Postgres;

/// <summary>Migrates the database before anything else of the program starts, or makes sure that somebody has.</summary>
/// <param name="migrator">The migrator.</param>
/// <param name="options">Whether to migrate.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Tells what was done.</param>
internal sealed partial class MigrationAtStart(
    PostgresMigrator migrator, IOptions<PostgresStorageOptions> options, TimeProvider timeProvider, ILogger<MigrationAtStart> logger)
    : IHostedLifecycleService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        for (var isSaid = false; ; isSaid = true)
        {
            try
            {
                await PrepareAsync(cancellationToken);
                return;
            }
            catch (UnavailableException failure) when (options.Value.WaitAtStart && !failure.NeedsRepair)
            {
                if (!isSaid)
                {
                    LogWaiting(failure.Message);
                }
            }

            await Task.Delay(Pause, timeProvider, cancellationToken);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.MigrateOnStart)
        {
            await migrator.CheckAsync(cancellationToken);
            return;
        }

        var steps = await migrator.UpAsync(cancellationToken);
        if (steps > 0)
        {
            LogMigrated(steps, await migrator.GetVersionAsync(cancellationToken));
        }
    }
}
