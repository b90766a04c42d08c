using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Scopes;
using Cluster.Engine.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cluster.Hosting.Retention;

/// <summary>Takes away, now and then, what is beyond the bounds of the options. Several processes may do so on one store.</summary>
/// <param name="reads">Knows which tenants there are.</param>
/// <param name="stores">The store.</param>
/// <param name="options">The bounds.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class RetentionWatch(
    PerTenant<IRetentionStore> stores, ICrossTenantReads reads, IOptions<RetentionOptions> options, TimeProvider timeProvider, ILogger<RetentionWatch> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.IsOn)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.Value.Interval, timeProvider);
        try
        {
            do
            {
                await RoundAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process stops.
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever fails, for instance a store that is away, the next round follows.")]
    private async Task RoundAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (var tenant in await reads.ListTenantsAsync(stoppingToken))
            {
                var taken = await new RetentionRounds(stores.For(tenant), timeProvider).PruneAsync(options.Value, stoppingToken);
                if (taken is not { Runs: 0, Sessions: 0 })
                {
                    LogTaken(taken.Runs, taken.Sessions, tenant.Value);
                }
            }
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(failure);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Runs} runs and {Sessions} sessions of tenant {Tenant} were beyond the bounds of Retention and are gone")]
    private partial void LogTaken(long runs, long sessions, string tenant);

    [LoggerMessage(LogLevel.Warning, "What is beyond the bounds of Retention cannot be taken away now; the next round follows")]
    private partial void LogFailed(Exception failure);
}
