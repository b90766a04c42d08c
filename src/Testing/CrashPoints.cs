using System.Collections.Immutable;

namespace Cluster.Testing;

/// <summary>Tries out what a crash does to a run, at every point at which it can happen.</summary>
public static class CrashPoints
{
    /// <summary>
    /// Runs the agent once undisturbed. Then it runs it again for every event and every commit of that run, stops "the process" right there (nothing of it goes on,
    /// nothing more is stored), lets a new one take the run up from the store, and compares: the same outcome, no finished tool called again, no answer of a human
    /// lost, the same key for a repetition, one truth for a call that must not be repeated.
    /// </summary>
    /// <param name="scenario">The run.</param>
    /// <param name="cancellationToken">Stops the sweep.</param>
    /// <returns>What was found. It does not throw for findings; see <see cref="CrashReport.ThrowIfUnsafe"/>.</returns>
    /// <exception cref="TimeoutException">A run took longer than <see cref="CrashScenario.Patience"/>.</exception>
    public static async Task<CrashReport> SweepAsync(CrashScenario scenario, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        var counted = new CrashPoint(CrashKind.Never, 0);
        var expected = await new Trial(scenario, counted).RunAsync(cancellationToken);
        var findings = ImmutableArray.CreateBuilder<CrashFinding>();
        var points = AllPoints(counted).ToArray();
        foreach (var point in points)
        {
            var actual = await new Trial(scenario, point).RunAsync(cancellationToken);
            findings.AddRange(Comparison.Find(point, expected, actual));
        }

        return new CrashReport(points.Length, findings.DrainToImmutable());
    }

    private static IEnumerable<CrashPoint> AllPoints(CrashPoint counted) =>
        Enumerable.Range(0, counted.Events + 1).Select(number => new CrashPoint(CrashKind.AfterEvent, number))
            .Concat(Enumerable.Range(1, counted.Commits).SelectMany(number => new[] { new CrashPoint(CrashKind.BeforeCommit, number), new CrashPoint(CrashKind.AfterCommit, number) }));
}
