namespace Cluster.Engine.Storage;

/// <summary>
/// Takes away runs that have settled, in small steps that hold up nobody. A run goes with the runs of its team's members, and only when all of them have settled: what is
/// unfinished or paused stays, however old it is. A session goes when its last run is taken away, or when it has none and has not changed for as long as asked for.
/// </summary>
public interface IRetentionStore
{
    /// <summary>Takes one step. Steps are repeated until there is no next one; meanwhile others work on.</summary>
    /// <param name="query">What to take away.</param>
    /// <param name="after">Where the step before stopped; null for the first.</param>
    /// <param name="cancellationToken">Stops waiting; the step may have been taken.</param>
    /// <returns>What was taken away, and where to go on.</returns>
    Task<RetentionStep> PruneAsync(RetentionQuery query, RetentionCursor? after, CancellationToken cancellationToken = default);

    /// <summary>Finds the oldest of the newest runs of a component over all its sessions, not counting those of members.</summary>
    /// <param name="componentId">The agent or team.</param>
    /// <param name="count">How many of its runs are the newest.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The run's place among all runs of the store; null when there are fewer.</returns>
    Task<long?> FindNewestAsync(string componentId, int count, CancellationToken cancellationToken = default);

    /// <summary>Lists the components that have sessions.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Their ids.</returns>
    Task<IReadOnlyList<string>> ListComponentsAsync(CancellationToken cancellationToken = default);
}

/// <summary>Which runs to take away: those for which everything holds that is asked for. Something has to be.</summary>
public sealed record RetentionQuery
{
    /// <summary>Gets the time, in Unix seconds, before which a run was accepted; null for any time.</summary>
    public long? AcceptedBefore { get; init; }

    /// <summary>Gets how many of the newest runs of each session are kept; null for none.</summary>
    public int? KeepOfSession { get; init; }

    /// <summary>Gets the place among all runs from which on runs are kept; null for none.</summary>
    public long? KeepFrom { get; init; }

    /// <summary>Gets the agent or team whose sessions are looked at; null for any.</summary>
    public string? ComponentId { get; init; }

    /// <summary>Gets a value indicating whether runs are only counted.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Gets how many runs a step takes away at most, not counting those of members. The default is 100.</summary>
    public int StepSize { get; init; } = 100;
}

/// <summary>A place among sessions, in the order in which they were created.</summary>
/// <param name="CreatedAt">When the last session that was looked at was created, in Unix seconds.</param>
/// <param name="Creation">Its number.</param>
/// <param name="Run">The run of the session that follows it up to which everything was looked at; 0 when nothing was.</param>
public sealed record RetentionCursor(long CreatedAt, long Creation, long Run = 0);

/// <summary>What a step took away.</summary>
/// <param name="Runs">How many runs, those of members included.</param>
/// <param name="Sessions">How many sessions.</param>
/// <param name="Next">Where to go on; null when everything was looked at.</param>
public sealed record RetentionStep(long Runs, long Sessions, RetentionCursor? Next);
