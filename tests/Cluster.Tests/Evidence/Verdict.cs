using Cluster.Engine.Runs;
using Cluster.Tests.Processes;
using Cluster.Tests.Traffic;

namespace Cluster.Tests.Evidence;

/// <summary>What clients saw, what tools did and what the log says, held against each other.</summary>
internal sealed class Verdict
{
    private readonly Observations _seen;
    private readonly Guarantees _guarantees;

    private Verdict(Observations seen, List<LoggedRun> runs, List<LedgerEntry> ledger)
    {
        _seen = seen;
        Runs = runs;
        Ledger = ledger;
        _guarantees = new Guarantees(runs, ledger);
    }

    public IReadOnlyList<LoggedRun> Runs { get; }

    public IReadOnlyList<LedgerEntry> Ledger { get; }

    /// <summary>Gets the executions of tools that repeated an earlier one.</summary>
    public IEnumerable<string> Repetitions => _guarantees.FindRepetitions();

    /// <summary>Gets everything that must not be.</summary>
    public IReadOnlyList<string> Violations => [.. _seen.Violations, .. _guarantees.FindViolations(), .. Lost(), .. Misread()];

    public static async Task<Verdict> ReadAsync(TestCluster cluster, Observations seen) =>
        new(seen, await LoggedRun.ReadAllAsync(cluster.Store), await cluster.Ledger.ReadAsync());

    public string Describe() =>
        $"""
        {Runs.Count} runs ({string.Join(", ", Runs.CountBy(run => run.Status).Select(status => $"{status.Value} {status.Key}"))}), {_seen.Acknowledged.Count} acknowledged, {_seen.Live} clients still wait
        {Ledger.Count(entry => entry.Finished)} tool executions finished, {_guarantees.Repetitions} began again, {_guarantees.Takeovers} takeovers
        {_seen.Readings.Count} readers, their longest pauses: {_seen.DescribePauses()}; {_seen.Reconnects} reconnects
        refused: {string.Join("; ", _seen.Refusals.Select(refusal => $"{refusal.Value} times {refusal.Key}"))}
        violations: {string.Join("\n  ", Violations.Take(20))}
        unfinished: {string.Join(", ", Runs.Where(run => run.Status is "PENDING" or "RUNNING").Select(run => run.RunId))}
        """;

    private IEnumerable<string> Lost() => _seen.Acknowledged.Except(Runs.Select(run => run.RunId)).Select(runId => $"run {runId} was acknowledged and is gone");

    /// <summary>A reader must have seen what the log says, word for word.</summary>
    private IEnumerable<string> Misread()
    {
        var runs = Runs.ToDictionary(run => run.RunId);
        foreach (var reading in _seen.Readings)
        {
            var written = RunEventLog.ToPublic(runs[reading.RunId].Events).Select(Describe).ToArray();
            var difference = Enumerable.Range(0, Math.Max(written.Length, reading.Events.Count))
                .FirstOrDefault(index => written.ElementAtOrDefault(index) != reading.Events.ElementAtOrDefault(index), -1);
            if (difference >= 0)
            {
                yield return $"run {reading.RunId}: the reader's event {difference} was '{reading.Events.ElementAtOrDefault(difference)}', the log has '{written.ElementAtOrDefault(difference)}' there";
            }
        }
    }

    private static string Describe(RunEvent next) => next switch
    {
        RunContent content => $"{content.Event} {content.Content}",
        ToolCallStarted started => $"{started.Event} {started.Tool.ToolCallId}",
        ToolCallCompleted completed => $"{completed.Event} {completed.Tool.Result}",
        _ => next.Event,
    };
}
