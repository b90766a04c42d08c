using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Cluster.Grains.Supervision;

/// <summary>Sweeps its share of the sessions every minute, whatever became of the silos that should have noticed a loss.</summary>
/// <param name="sweep">Calls the sessions.</param>
/// <param name="approvals">Looks after their approvals.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class SupervisorGrain(RunSweep sweep, ApprovalRound approvals, ILogger<SupervisorGrain> logger) : Grain, ISupervisorGrain, IRemindable
{
    /// <summary>How many supervisors share the sessions.</summary>
    internal const int Shards = 4;

    private const string ReminderName = "sweep";
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    public Task StartAsync() => this.RegisterOrUpdateReminder(ReminderName, Period, Period);

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        await TryAsync(sweep.SweepAsync);
        await TryAsync(approvals.GoAsync);
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever fails, the next reminder comes within a minute.")]
    private async Task TryAsync(Func<int, int, CancellationToken, Task> look)
    {
        try
        {
            await look((int)this.GetPrimaryKeyLong(), Shards, CancellationToken.None);
        }
        catch (Exception failure)
        {
            LogFailed(failure, this.GetPrimaryKeyLong());
        }
    }

    [LoggerMessage(LogLevel.Error, "Supervisor {Shard} could not look for unfinished runs or due approvals; it tries again within a minute")]
    private partial void LogFailed(Exception failure, long shard);
}
