using System.Collections.Immutable;

namespace Cluster.Engine.Runs;

/// <summary>Reads the records of runs: what <see cref="IRunLog"/> was given with a run's acceptance, pauses and end. Records hold no events.</summary>
public interface IRunRecords
{
    /// <summary>Looks a run up.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The record; null when there is none.</returns>
    Task<RunRecord?> FindAsync(string runId, CancellationToken cancellationToken = default);

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
