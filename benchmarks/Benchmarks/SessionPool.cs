using System.Globalization;

namespace Cluster.Benchmarks;

/// <summary>Says in which session a call runs: in a new one, or in one of a number that have run before. No two callers share one, because a session runs one run at a time.</summary>
/// <param name="settings">How sessions are chosen.</param>
/// <param name="callers">How many callers there are at most.</param>
internal sealed class SessionPool(SessionSettings settings, int callers)
{
    /// <summary>How often each session has run before it is measured: the agents show the last three runs to their models.</summary>
    private const int RunsBefore = 3;

    private readonly int _each = Math.Max(1, settings.Pool / callers);
    private readonly int[] _turns = new int[callers];

    public string Next(int caller) => settings.AreNew ? Guid.CreateVersion7().ToString() : Of((caller * _each) + (_turns[caller]++ % _each));

    /// <summary>Gives the id of a session, which <see cref="StoreFilling"/> makes as well.</summary>
    public static string Of(int number) => string.Create(CultureInfo.InvariantCulture, $"bench-{number:D9}");

    /// <summary>Has every session run, so that it exists and has a history.</summary>
    /// <param name="callAsync">Runs once in the caller's next session.</param>
    public Task PrepareAsync(Func<int, Task> callAsync) => settings.AreNew
        ? Task.CompletedTask
        : Task.WhenAll(Enumerable.Range(0, callers).Select(async caller =>
        {
            for (var run = 0; run < _each * RunsBefore; run++)
            {
                await callAsync(caller);
            }
        }));
}

/// <summary>How the sessions of measured runs are chosen.</summary>
/// <param name="AreNew">True when every run has a session of its own.</param>
/// <param name="Pool">How many sessions there are otherwise.</param>
internal sealed record SessionSettings(bool AreNew, int Pool)
{
    /// <summary>The value of <c>--sessions</c> for sessions that have run before.</summary>
    public const string Existing = "existing";

    /// <summary>The value of <c>--sessions</c> for a session of its own for every run.</summary>
    public const string New = "new";
}
