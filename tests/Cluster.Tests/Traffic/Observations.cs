using System.Collections.Concurrent;
using Cluster.Tests.Evidence;

namespace Cluster.Tests.Traffic;

/// <summary>What clients saw.</summary>
internal sealed class Observations
{
    private readonly ConcurrentDictionary<string, string> _acknowledged = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _violations = new();
    private readonly ConcurrentDictionary<string, int> _refusals = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Reading> _readings = new();
    private int _live;
    private int _reconnects;

    /// <summary>Gets the runs whose start was answered.</summary>
    public ICollection<string> Acknowledged => _acknowledged.Keys;

    /// <summary>Gets what must not happen to a client, in words.</summary>
    public IReadOnlyCollection<string> Violations => _violations;

    /// <summary>Gets what was refused, and how often.</summary>
    public IReadOnlyDictionary<string, int> Refusals => _refusals;

    /// <summary>Gets what readers of streams have read to the end.</summary>
    public IReadOnlyCollection<Reading> Readings => _readings;

    /// <summary>Gets how many runs somebody waits for.</summary>
    public int Live => Volatile.Read(ref _live);

    /// <summary>Gets how often a client had to connect anew.</summary>
    public int Reconnects => Volatile.Read(ref _reconnects);

    public void Enter() => Interlocked.Increment(ref _live);

    public void Leave() => Interlocked.Decrement(ref _live);

    public void Acknowledge(string runId, string how) => _acknowledged.TryAdd(runId, how);

    public void Violate(string what) => _violations.Enqueue(what);

    public void Refuse(string what) => _refusals.AddOrUpdate(what, 1, static (_, count) => count + 1);

    public void Reconnect() => Interlocked.Increment(ref _reconnects);

    public void Read(Reading reading) => _readings.Enqueue(reading);

    /// <summary>Describes the longest pause of each reader.</summary>
    public string DescribePauses()
    {
        var longest = _readings.MaxBy(reading => reading.LongestPause);
        return $"{Recovery.Describe([.. _readings.Select(reading => reading.LongestPause).Order()])} (the longest: run {longest?.RunId} after {longest?.PausedAfter})";
    }
}

/// <summary>The events that one reader has seen, in their order, and the longest time between two of them.</summary>
internal sealed record Reading(string RunId, IReadOnlyList<string> Events, TimeSpan LongestPause, string PausedAfter);
