using System.Collections.Concurrent;
using System.Collections.Immutable;
using Cluster.Engine.Errors;

namespace Cluster.Engine.Runs;

/// <summary>
/// The runs that could not be recorded in this process: since when, and when it is worth trying again. What waiting may mend is waited for longer and longer;
/// when it was not mended then, the run is ended and says why.
/// </summary>
/// <param name="timeProvider">The clock.</param>
public sealed class RunAttempts(TimeProvider timeProvider)
{
    /// <summary>After so many tries, within about fourteen minutes, a run is ended instead of being tried again.</summary>
    internal const int Most = 10;

    /// <summary>Runs beyond this number are found by whoever looks for unfinished ones next.</summary>
    private const int MostRuns = 10_000;

    /// <summary>The error type of a run that could not be recorded, however often it was tried.</summary>
    private const string GivenUp = "RunGivenUp";

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, Attempt> _attempts = new(StringComparer.Ordinal);

    /// <summary>Nearly always there is none, and every commit asks.</summary>
    private volatile bool _hasAny;

    /// <summary>Notes that a run could not be recorded.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="failure">Why; null when it could not even be read.</param>
    public void Note(string runId, Exception? failure)
    {
        var known = _attempts.GetValueOrDefault(runId);
        if (known is null && _attempts.Count >= MostRuns)
        {
            return;
        }

        var tries = (known?.Tries ?? 0) + 1;
        var pause = TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Min(tries - 1, 20)));
        var isHopeless = known is { IsHopeless: true } || failure is InvalidRequestException;
        _hasAny = true;
        _attempts[runId] = new Attempt(tries, timeProvider.GetTimestamp(), pause, failure is null ? known?.Reason : Describe(failure), isHopeless);
    }

    /// <summary>Forgets a run that is on record again, or gone.</summary>
    /// <param name="runId">The run.</param>
    public void Forget(string runId)
    {
        if (_hasAny)
        {
            _attempts.TryRemove(runId, out _);
        }
    }

    /// <summary>Gives the runs for which it is time.</summary>
    /// <returns>Their ids.</returns>
    public ImmutableArray<string> Due() => !_hasAny ? [] : [.. _attempts.Keys.Where(IsDue)];

    /// <summary>Tells whether it is time for a run.</summary>
    /// <param name="runId">The run.</param>
    /// <returns>True when it could not be recorded, and its pause is over.</returns>
    public bool IsDue(string runId) => _attempts.GetValueOrDefault(runId) is { } attempt && timeProvider.GetElapsedTime(attempt.At) >= attempt.Pause;

    /// <summary>Tells whether a run is to be ended instead of being tried again. What it did is on record up to where it failed; only its end is left to say.</summary>
    /// <param name="runId">The run.</param>
    /// <returns>What its callers are told; null to try again.</returns>
    public RunError? FindEnd(string runId) => _hasAny && _attempts.GetValueOrDefault(runId) is { Reason: { } reason } attempt && (attempt.IsHopeless || attempt.Tries >= Most)
        ? new RunError($"The run was given up after {attempt.Tries} {(attempt.Tries == 1 ? "try" : "tries")}, because it could not be recorded: {reason} What it did until then is kept; start it anew.") { ErrorType = GivenUp }
        : null;

    /// <summary>Stores name directories and hosts, which is not for callers.</summary>
    private static string Describe(Exception failure) => failure switch
    {
        InvalidRequestException refusal => refusal.Message,
        UnavailableException { Reason: { } reason } => $"{reason}.",
        UnavailableException { InnerException: { } inner } => Describe(inner),
        OutOfMemoryException => "memory was short.",
        _ => $"the store failed ({failure.GetType().Name}); the server's log has the details.",
    };

    private sealed record Attempt(int Tries, long At, TimeSpan Pause, string? Reason, bool IsHopeless);
}
