using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Approvals;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;

namespace Cluster.Standalone;

/// <summary>Enforces the deadlines of approvals, and lets runs go on whose approval was decided about just before a process died.</summary>
/// <param name="sweeps">Do it, each for a tenant.</param>
/// <param name="reads">Knows which tenants have something due.</param>
/// <param name="hosts">The host of the runs.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class ApprovalWatch(
    PerTenant<ApprovalSweep> sweeps, ICrossTenantReads reads, InProcessRunHosts hosts, TimeProvider timeProvider, ILogger<ApprovalWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, timeProvider);
        try
        {
            do
            {
                await SweepAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever fails, for instance a store that is away, the next sweep follows.")]
    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (var tenant in await reads.ListTenantsWithDueApprovalsAsync(timeProvider.GetUtcNow().ToUnixTimeSeconds(), stoppingToken))
            {
                await sweeps.For(tenant).SweepAsync((_, continuation) => hosts.For(tenant).ContinueAsync(continuation, stoppingToken), cancellationToken: stoppingToken);
            }
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(failure);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Approvals cannot be looked after now; the next look follows")]
    private partial void LogFailed(Exception failure);
}
