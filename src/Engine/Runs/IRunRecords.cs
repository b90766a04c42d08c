using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Cluster.Engine.Sessions;

namespace Cluster.Engine.Runs;

/// <summary>Reads the records of runs: what <see cref="IRunLog"/> was given with a run's acceptance, pauses and end. Records hold no events.</summary>
public interface IRunRecords
{
    /// <summary>Looks a run up.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The record; null when there is none.</returns>
    Task<RunRecord?> FindAsync(string runId, CancellationToken cancellationToken = default);

    /// <summary>Tells whose a run is and how far it is, without reading its record, which holds all that was said in it.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The run as it was last recorded; null when there is none.</returns>
    Task<RunSummary?> FindSummaryAsync(string runId, CancellationToken cancellationToken = default);

    /// <summary>Lists the runs of a session, oldest first.</summary>
    /// <param name="query">Which ones.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The records.</returns>
    Task<ImmutableArray<RunRecord>> ListAsync(RunQuery query, CancellationToken cancellationToken = default);
}

/// <summary>A run as it was last recorded.</summary>
/// <param name="Sequence">Its place among all runs of the store.</param>
/// <param name="Streamed">True when the caller asked for the events.</param>
/// <param name="Output">What the run amounts to.</param>
public sealed record RunRecord(long Sequence, bool Streamed, RunOutput Output);

/// <summary>Whose a run is and how far it is.</summary>
/// <param name="RunId">Its id.</param>
/// <param name="SessionId">The session that it belongs to.</param>
/// <param name="ComponentId">The agent or team that runs.</param>
/// <param name="ComponentType">Which of the two that is.</param>
/// <param name="UserId">The user on whose behalf it runs; null when nobody is named.</param>
/// <param name="ParentRunId">The run that started it; null for a run that was started from outside.</param>
/// <param name="Status">How far it is.</param>
public sealed record RunSummary(string RunId, string? SessionId, string? ComponentId, SessionType ComponentType, string? UserId, string? ParentRunId, RunStatus Status)
{
    /// <summary>Gets a value indicating whether the caller asked for the events.</summary>
    public bool Streamed { get; init; }

    /// <summary>Gets how many public events a live run has so far, deltas included; null when nobody works on it, and always in what stores tell.</summary>
    public long? EventCount { get; init; }

    /// <summary>Gets a value indicating whether more events come without anybody's help.</summary>
    [JsonIgnore]
    public bool IsLive => Status is RunStatus.Pending or RunStatus.Running;

    /// <summary>Sums a record up.</summary>
    /// <param name="run">What the run amounts to.</param>
    /// <param name="streamed">True when the caller asked for the events.</param>
    /// <returns>What it says of whose it is and how far.</returns>
    public static RunSummary Of(RunOutput run, bool streamed)
    {
        ArgumentNullException.ThrowIfNull(run);
        var (componentId, type) = run.TeamId is { } teamId ? (teamId, SessionType.Team) : (run.AgentId, SessionType.Agent);
        return new RunSummary(run.RunId, run.SessionId, componentId, type, run.UserId, run.ParentRunId, run.Status) { Streamed = streamed };
    }
}

/// <summary>Which runs of a session to list.</summary>
/// <param name="SessionId">The session.</param>
public sealed record RunQuery(string SessionId)
{
    /// <summary>Gets the status that runs must have; null for any.</summary>
    public RunStatus? Status { get; init; }

    /// <summary>Gets the sequence before which runs were accepted; null for no bound.</summary>
    public long? Before { get; init; }

    /// <summary>Gets how many runs to list at most, counted from the newest; null for all.</summary>
    public int? Last { get; init; }

    /// <summary>Gets the agent or team that ran; null for any.</summary>
    public string? ComponentId { get; init; }

    /// <summary>Gets the run that started them; null for any.</summary>
    public string? ParentRunId { get; init; }

    /// <summary>Gets a value indicating whether runs that another run started are left out.</summary>
    public bool TopLevelOnly { get; init; }

    /// <summary>Gets a value indicating whether only runs that another run started are listed.</summary>
    public bool MembersOnly { get; init; }
}
