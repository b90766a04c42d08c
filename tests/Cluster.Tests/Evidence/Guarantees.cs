using Cluster.Engine.Runs;

namespace Cluster.Tests.Evidence;

/// <summary>
/// What has to hold whatever happened. A call whose outcome was committed is never executed again: the execution whose result stands in the log is the last
/// one that began, because a later owner shut the earlier one out before it began anything. A call without a committed outcome may be executed again, if its
/// tool allows that.
/// </summary>
internal sealed class Guarantees(IReadOnlyList<LoggedRun> runs, IReadOnlyList<LedgerEntry> ledger)
{
    private readonly ILookup<string, LedgerEntry> _beginnings = ledger.Where(entry => !entry.Finished).ToLookup(entry => entry.CallId);
    private readonly HashSet<Guid> _finished = [.. ledger.Where(entry => entry.Finished).Select(entry => entry.Attempt)];

    /// <summary>Gets how many executions were repetitions of a call.</summary>
    public int Repetitions => _beginnings.Sum(call => call.Count() - 1);

    /// <summary>Gets how many times a run was taken over.</summary>
    public int Takeovers => runs.Sum(run => run.Events.OfType<RunTakenOver>().Count());

    /// <summary>Finds what must not be, in words.</summary>
    public IEnumerable<string> FindViolations() => runs.SelectMany(run => CallsOf(run).Concat(StepsOf(run)).Concat(IndexesOf(run))).Concat(Unintended()).Concat(DoubleKeys());

    /// <summary>Finds calls that were executed more than once, or at all after their outcome was in doubt: nothing for tools that must not be repeated.</summary>
    public IEnumerable<string> FindRepetitions() => _beginnings.Where(call => call.Count() > 1)
        .Select(call => $"call {call.Key} was executed {call.Count()} times: {string.Join(", ", call.Select(entry => $"{entry.Silo} {entry.At:HH:mm:ss.fff}"))}");

    private IEnumerable<string> CallsOf(LoggedRun run)
    {
        foreach (var outcomes in run.Settled.GroupBy(settled => settled.Tool.ToolCallId!))
        {
            var (call, result) = (outcomes.Key, outcomes.First().Tool.Result ?? string.Empty);
            var attempts = _beginnings[call].ToArray();
            if (outcomes.Count() > 1)
            {
                yield return $"run {run.RunId}: call {call} has {outcomes.Count()} outcomes in the log";
            }

            if (attempts.Length == 0 || !result.EndsWith(attempts[^1].Attempt.ToString(), StringComparison.Ordinal))
            {
                yield return $"run {run.RunId}: call {call} was executed after its outcome '{result}' was settled: {string.Join(", ", attempts.Select(entry => $"{entry.Attempt} on {entry.Silo} at {entry.At:HH:mm:ss.fff}"))}";
            }
            else if (!_finished.Contains(attempts[^1].Attempt))
            {
                yield return $"run {run.RunId}: call {call} has the outcome of an execution that never finished";
            }
        }
    }

    private static IEnumerable<string> StepsOf(LoggedRun run)
    {
        var numbers = run.Settled.Select(settled => settled.Tool.Result?.Split(':')[0] ?? "none").ToArray();
        var expected = Enumerable.Range(1, numbers.Length).Select(number => $"{number}");
        if (!numbers.SequenceEqual(expected))
        {
            yield return $"run {run.RunId} took the steps {string.Join(' ', numbers)}";
        }
    }

    private static IEnumerable<string> IndexesOf(LoggedRun run)
    {
        var indexes = RunEventLog.ToPublic(run.Events).Select(next => next.EventIndex ?? -1).ToArray();
        if (!indexes.SequenceEqual(Enumerable.Range(0, indexes.Length).Select(index => (long)index)))
        {
            yield return $"run {run.RunId} has the indexes {string.Join(' ', indexes)} in its log";
        }
    }

    private IEnumerable<string> Unintended()
    {
        var intended = runs.SelectMany(run => run.Events.OfType<ToolCallStarted>()).Select(started => started.Tool.ToolCallId).ToHashSet();
        return _beginnings.Where(call => !intended.Contains(call.Key)).Select(call => $"call {call.Key} of run {call.First().RunId} was executed without being on record");
    }

    private IEnumerable<string> DoubleKeys() => runs.Where(run => run.IdempotencyKey is not null).GroupBy(run => run.IdempotencyKey)
        .Where(same => same.Count() > 1).Select(same => $"one request started the runs {string.Join(", ", same.Select(run => run.RunId))}");
}
