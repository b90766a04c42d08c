using Microsoft.Extensions.Logging;

namespace Cluster.Engine.Runs;

public sealed partial class RunOwner
{
    private void LogTakenOver(string runId, long generation) => RunOwnerLog.TakenOver(_services.Logger, runId, generation);

    private void LogLost(string runId, string reason) => RunOwnerLog.Lost(_services.Logger, runId, reason);

    private void LogStopped(string runId) => RunOwnerLog.Stopped(_services.Logger, runId);

    private void LogFailed(Exception bug, string runId) => RunOwnerLog.Failed(_services.Logger, bug, runId);

    private void LogGivenUp(Exception failure, string runId) => RunOwnerLog.GivenUp(_services.Logger, failure, runId);
}

/// <summary>The messages of owners.</summary>
internal static partial class RunOwnerLog
{
    [LoggerMessage(LogLevel.Information, "Run {RunId} is taken over as generation {Generation}")]
    public static partial void TakenOver(ILogger logger, string runId, long generation);

    [LoggerMessage(LogLevel.Error, "Run {RunId} cannot be taken over and stays unfinished")]
    public static partial void NotTakenOver(ILogger logger, Exception failure, string runId);

    [LoggerMessage(LogLevel.Warning, "Run {RunId} is no longer ours: {Reason}")]
    public static partial void Lost(ILogger logger, string runId, string reason);

    [LoggerMessage(LogLevel.Information, "Run {RunId} stops with this host and goes on with the next one")]
    public static partial void Stopped(ILogger logger, string runId);

    [LoggerMessage(LogLevel.Error, "Run {RunId} failed unexpectedly")]
    public static partial void Failed(ILogger logger, Exception bug, string runId);

    [LoggerMessage(LogLevel.Error, "Run {RunId} cannot be recorded now; it is tried again from what is on record")]
    public static partial void GivenUp(ILogger logger, Exception failure, string runId);

    [LoggerMessage(LogLevel.Warning, "The store is out of reach for run {RunId}; the step is taken again in {Pause}")]
    public static partial void StoreAway(ILogger logger, Exception cause, string runId, TimeSpan pause);

    [LoggerMessage(LogLevel.Warning, "The store is out of reach for run {RunId}; trying again in {Pause}")]
    public static partial void Unavailable(ILogger logger, Exception cause, string runId, TimeSpan pause);
}
