using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Runs;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Sessions;
using Microsoft.Extensions.Logging;

namespace Cluster.Grains.Supervision;

/// <summary>
/// Calls the sessions of unfinished runs: every minute, and at once when a silo leaves. Sessions that are well take the call for what it is, a question.
/// </summary>
/// <param name="log">Knows the unfinished runs.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class SupervisorGrain(IRunLog log, ILogger<SupervisorGrain> logger) : Grain, ISupervisorGrain, IRemindable
{
    /// <summary>How many supervisors share the sessions.</summary>
    internal const int Shards = 4;

    private const string ReminderName = "sweep";
    private const int MaxCallsAtOnce = 64;
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private Task _sweeping = Task.CompletedTask;
    private bool _isAskedAgain;

    public Task StartAsync() => this.RegisterOrUpdateReminder(ReminderName, Period, Period);

    public Task ReceiveReminder(string reminderName, TickStatus status) => SweepAsync();

    public Task SweepAsync()
    {
        _isAskedAgain = true;
        if (_sweeping.IsCompleted)
        {
            _sweeping = SweepWhileAskedAsync();
        }

        return Task.CompletedTask;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Nobody waits for a sweep; whatever fails, the next one comes within a minute.")]
    private async Task SweepWhileAskedAsync()
    {
        while (_isAskedAgain)
        {
            _isAskedAgain = false;
            try
            {
                await SweepOnceAsync();
            }
            catch (Exception failure)
            {
                LogFailed(failure, this.GetPrimaryKeyLong());
            }
        }
    }

    private async Task SweepOnceAsync()
    {
        var sessions = (await log.ListUnfinishedAsync())
            .Where(run => ShardOf(run.SessionId) == this.GetPrimaryKeyLong())
            .GroupBy(run => run.SessionId, run => run.RunId, StringComparer.Ordinal);
        foreach (var some in sessions.Chunk(MaxCallsAtOnce))
        {
            await Task.WhenAll(some.Select(session => EnsureAsync(session.Key, [.. session])));
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "One session that cannot be reached must not keep the others waiting.")]
    private async Task EnsureAsync(string sessionId, ImmutableArray<string> runIds)
    {
        try
        {
            await GrainFactory.GetGrain<ISessionGrain>(new SessionKey(Tenants.Default, sessionId).ToString()).EnsureAsync(runIds);
        }
        catch (Exception failure)
        {
            LogNotReached(failure, sessionId);
        }
    }

    /// <summary>The same on every silo, unlike <see cref="string.GetHashCode()"/>.</summary>
    private static long ShardOf(string sessionId) => sessionId.Aggregate(0u, (hash, character) => (hash * 31) + character) % Shards;

    [LoggerMessage(LogLevel.Error, "Supervisor {Shard} could not look for unfinished runs; it tries again within a minute")]
    private partial void LogFailed(Exception failure, long shard);

    [LoggerMessage(LogLevel.Warning, "Session {SessionId} has unfinished runs and was not reached; it is called again within a minute")]
    private partial void LogNotReached(Exception failure, string sessionId);
}
