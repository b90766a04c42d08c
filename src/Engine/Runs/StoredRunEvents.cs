namespace Cluster.Engine.Runs;

/// <summary>What clients saw of a run, as far as it is on record.</summary>
/// <param name="Events">The public events; deltas are made when they are asked for.</param>
/// <param name="Bytes">How much memory it takes, roughly.</param>
/// <param name="Generation">The generation of the last append.</param>
/// <param name="Length">How many events the log holds.</param>
internal sealed record StoredRunEvents(IEnumerable<RunEvent> Events, long Bytes, long Generation, int Length)
{
    /// <summary>Gets a value indicating whether nothing can be appended any more. A run that failed can go on, and one that waits for a human does.</summary>
    public required bool IsOver { get; init; }

    /// <summary>Tells whether it is the same state of the same log.</summary>
    public bool IsSameAs(StoredRunEvents other) => Generation == other.Generation && Length == other.Length;
}
