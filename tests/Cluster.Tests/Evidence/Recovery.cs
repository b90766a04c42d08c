using System.Globalization;

namespace Cluster.Tests.Evidence;

/// <summary>How long runs stood still after their silo was killed.</summary>
internal static class Recovery
{
    /// <summary>Measures the time from a kill to the next thing that each run of the killed silo did anywhere else.</summary>
    /// <param name="ledger">What happened, in order.</param>
    /// <param name="kills">Who was killed when, by the ledger's clock.</param>
    /// <returns>The times, the slowest run, and how many of the runs did nothing any more (they had only their answer left).</returns>
    public static (TimeSpan[] Pauses, string Slowest, int Silent) Measure(IReadOnlyList<LedgerEntry> ledger, IReadOnlyList<(string Silo, DateTime At)> kills)
    {
        var pauses = new List<(TimeSpan Pause, LedgerEntry Next)>();
        var silent = 0;
        foreach (var run in ledger.GroupBy(entry => entry.RunId).Select(run => run.ToArray()))
        {
            foreach (var (silo, at) in kills)
            {
                var before = Array.FindLastIndex(run, entry => entry.At <= at);
                if (before < 0 || run[before].Silo != silo)
                {
                    continue;
                }

                var next = run.Skip(before + 1).FirstOrDefault(entry => entry.Silo != silo);
                if (next is null)
                {
                    silent++;
                }
                else
                {
                    pauses.Add((next.At - at, next));
                }
            }
        }

        var ordered = pauses.OrderBy(pause => pause.Pause).ToArray();
        var slowest = ordered.Length == 0 ? "none" : $"{ordered[^1].Next.RunId} on {ordered[^1].Next.Silo} at {ordered[^1].Next.At:HH:mm:ss.fff}";
        return ([.. ordered.Select(pause => pause.Pause)], slowest, silent);
    }

    /// <summary>Describes a distribution in seconds.</summary>
    public static string Describe(IReadOnlyList<TimeSpan> ordered) => ordered.Count == 0 ? "none" : string.Create(
        CultureInfo.InvariantCulture,
        $"n={ordered.Count} p50={At(ordered, 0.5)} p90={At(ordered, 0.9)} p99={At(ordered, 0.99)} max={ordered[^1].TotalSeconds:0.00} s");

    private static string At(IReadOnlyList<TimeSpan> ordered, double share) =>
        ordered[Math.Min(ordered.Count - 1, (int)(share * ordered.Count))].TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture);
}
