using System.Collections.Immutable;
using Cluster.Engine.Errors;

namespace Cluster.Storage.Maintenance;

/// <summary>What an operator does with a whole store. Every call opens the store and closes it again.</summary>
public interface IStoreMaintenance
{
    /// <summary>Copies the store into one file, as it is at one moment, while others go on writing.</summary>
    /// <param name="file">The file, which must not be there yet. It appears when it is whole and on disk.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Stops; no file is left.</param>
    /// <returns>How many bytes the copy has.</returns>
    /// <exception cref="InvalidRequestException">The store is one that has tools of its own for this.</exception>
    Task<long> BackUpAsync(string file, IProgress<StoreProgress> progress, CancellationToken cancellationToken = default);

    /// <summary>Looks for damage: pages that cannot be read, runs whose logs have gaps or contradict their records, rows that belong to nothing.</summary>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>What was found.</returns>
    Task<StoreReport> CheckAsync(IProgress<StoreProgress> progress, CancellationToken cancellationToken = default);

    /// <summary>Gives back the space of what was deleted.</summary>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Stops; the store is as before.</param>
    /// <returns>The bytes that the store took before and takes now.</returns>
    /// <exception cref="UnavailableException">A server works on a store that has to be rewritten for this.</exception>
    Task<(long Before, long After)> CompactAsync(IProgress<StoreProgress> progress, CancellationToken cancellationToken = default);

    /// <summary>Writes everything that is kept as lines of text which every kind of store can take in, as it is at one moment, while others go on writing.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Stops; what was written has no end and is refused by an import.</param>
    /// <returns>How many rows were written.</returns>
    Task<long> ExportAsync(Stream target, IProgress<StoreProgress> progress, CancellationToken cancellationToken = default);

    /// <summary>Takes in what an export wrote, all of it or nothing. The store is created when it is not there.</summary>
    /// <param name="source">What was written.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Stops; the store is as before.</param>
    /// <returns>How many rows were taken in.</returns>
    /// <exception cref="ConflictException">The store holds something already.</exception>
    /// <exception cref="InvalidDataException">What is read is no export, has no end, or comes from a newer program.</exception>
    Task<long> ImportAsync(Stream source, IProgress<StoreProgress> progress, CancellationToken cancellationToken = default);

    /// <summary>Takes away runs that have settled, in small steps, each of which counts.</summary>
    /// <param name="pruning">Which ones.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Stops between two steps; what was taken away is gone.</param>
    /// <returns>How many runs and sessions were taken away, or would be.</returns>
    /// <exception cref="UnavailableException">A server works on a store that one process at a time writes: it prunes by its own settings.</exception>
    Task<(long Runs, long Sessions)> PruneAsync(StorePruning pruning, IProgress<StoreProgress> progress, CancellationToken cancellationToken = default);
}

/// <summary>Which runs to take away: those that are old enough, and not among the newest.</summary>
public sealed record StorePruning
{
    /// <summary>Gets how long ago a run was accepted at least; null for any time.</summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>Gets how many of the newest runs are kept; null for none.</summary>
    public int? Keep { get; init; }

    /// <summary>Gets a value indicating whether they are those of each agent or team over all its sessions, instead of those of each session.</summary>
    public bool KeepsPerAgent { get; init; }

    /// <summary>Gets the agent or team whose sessions are looked at; null for all.</summary>
    public string? ComponentId { get; init; }

    /// <summary>Gets a value indicating whether runs are only counted.</summary>
    public bool IsDryRun { get; init; }
}

/// <summary>How far a work on a store is.</summary>
/// <param name="Step">What is being done, in words.</param>
/// <param name="Done">How much of it is done.</param>
/// <param name="Total">How much there is; 0 when that is not known.</param>
/// <param name="Unit">What is counted.</param>
public readonly record struct StoreProgress(string Step, long Done, long Total, string Unit);

/// <summary>What a check found.</summary>
/// <param name="Runs">How many runs were looked at.</param>
/// <param name="Problems">What is wrong, a sentence each; the first of them when there are very many.</param>
/// <param name="ProblemCount">How much is wrong.</param>
public sealed record StoreReport(long Runs, ImmutableArray<string> Problems, long ProblemCount);
