using System.Globalization;

namespace Cluster.Tests;

/// <summary>
/// How large and how long. The defaults suit two busy cores; the environment scales the tests up:
/// <c>CHAOS_SECONDS</c> (default 15) is how long the kill test kills, <c>CHAOS_PAUSE</c> (default 3) how many seconds lie between two kills on average, <c>CHAOS_RUNS</c> (default 40) how many runs live at once in it and in the rolling
/// restart, <c>CHAOS_STEPS</c> (default 4) how many tool calls a run makes, <c>CHAOS_TOOL_MS</c> (default 1200) how long a tool call takes at least (at
/// most twice that), <c>CHAOS_KILLS</c> (default 2), <c>CHAOS_JOINS</c> (1), <c>CHAOS_REPLACEMENTS</c> (3) and <c>CHAOS_FREEZES</c> (1) what happens while new runs come, <c>CHAOS_PACE_MS</c> (default 250) how many milliseconds lie
/// between two of these runs, <c>CHAOS_OUTAGE_SECONDS</c> (default 15) how long the database is away, and <c>CHAOS_KEEP_LOGS=1</c> keeps the logs of all processes.
/// </summary>
internal sealed record ClusterSettings
{
    /// <summary>Gets the connection string of the PostgreSQL server for tests; null when there is none.</summary>
    public static string? Server => Read("TEST_POSTGRES");

    public static TimeSpan Duration => TimeSpan.FromSeconds(Number("CHAOS_SECONDS", 15));

    /// <summary>Gets the time between two kills; it varies by a half.</summary>
    public static TimeSpan Pause => TimeSpan.FromSeconds(Number("CHAOS_PAUSE", 3));

    public static TimeSpan Outage => TimeSpan.FromSeconds(Number("CHAOS_OUTAGE_SECONDS", 15));

    public static int Kills => Number("CHAOS_KILLS", 2);

    public static int Joins => Number("CHAOS_JOINS", 1);

    public static int Replacements => Number("CHAOS_REPLACEMENTS", 3);

    public static int Freezes => Number("CHAOS_FREEZES", 1);

    /// <summary>Gets the time between two new runs.</summary>
    public static TimeSpan Pace => TimeSpan.FromMilliseconds(Number("CHAOS_PACE_MS", 250));

    public static int Runs => Number("CHAOS_RUNS", 40);

    public static int Steps => Number("CHAOS_STEPS", 4);

    /// <summary>Gets the server of the product's store; null for the same as the ledger's.</summary>
    public string? StoreServer { get; init; }

    /// <summary>Gets the shortest time that a tool call takes.</summary>
    public int ToolMilliseconds { get; init; } = Number("CHAOS_TOOL_MS", 1_200);

    public bool KeepsLogs { get; init; } = Number("CHAOS_KEEP_LOGS", 0) == 1;

    public static void SkipWithoutServer() =>
        Assert.SkipWhen(Server is null, "THE CLUSTER IS NOT TESTED: run ./test.sh, which brings a PostgreSQL server, or set TEST_POSTGRES to a connection string.");

    private static int Number(string name, int otherwise) => Read(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private static string? Read(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? text : null;
}
