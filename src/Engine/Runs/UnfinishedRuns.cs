using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Errors;
using Microsoft.Extensions.Logging;

namespace Cluster.Engine.Runs;

/// <summary>Reads the unfinished runs of a session for whoever goes on with them.</summary>
public static class UnfinishedRuns
{
    /// <summary>Reads runs, in the order in which they have to work. One that was deleted meanwhile, has settled or cannot be read is passed over.</summary>
    /// <param name="log">The logs.</param>
    /// <param name="runIds">The runs, in the order in which they were accepted.</param>
    /// <param name="logger">Where runs are reported that cannot be read.</param>
    /// <returns>The runs.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    public static async Task<IReadOnlyList<ReadRun>> ReadAsync(IRunLog log, IEnumerable<string> runIds, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(runIds);
        var runs = new List<ReadRun>();
        foreach (var runId in runIds)
        {
            if (await ReadAsync(log, runId, logger) is { State.IsSettled: false } run)
            {
                runs.Add(run);
            }
        }

        // The run that was at work goes first, as it did before: a run that was continued may have been accepted earlier and still wait behind it.
        return [.. runs.OrderBy(run => !run.State.IsUnderWay)];
    }

    /// <summary>Reads a run that may have been deleted meanwhile, or written by a version that knew more events.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "One run that cannot be read must not keep the others down, nor the server.")]
    private static async Task<ReadRun?> ReadAsync(IRunLog log, string runId, ILogger logger)
    {
        try
        {
            return await log.ReadAsync(runId) is { } record ? new ReadRun(RunState.From(record.Events), record) : null;
        }
        catch (Exception failure) when (failure is not UnavailableException)
        {
            RunOwnerLog.NotTakenOver(logger, failure, runId);
            return null;
        }
    }
}

/// <summary>A run as its log tells it.</summary>
/// <param name="State">Where it stands.</param>
/// <param name="Log">Its log.</param>
public sealed record ReadRun(RunState State, RunLogRecord Log);
