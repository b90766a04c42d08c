using Cluster.Tests.Processes;

namespace Cluster.Tests.Evidence;

/// <summary>What the tools did, by their own account. All its times are of one clock, the database's.</summary>
internal sealed class Ledger(TestDatabase database)
{
    public static Task CreateAsync(TestDatabase database) => database.ExecuteAsync(
        """
        CREATE TABLE ledger (
            entry bigint GENERATED ALWAYS AS IDENTITY, run_id text, call text, attempt uuid, number integer, finished boolean, silo text,
            at timestamptz NOT NULL DEFAULT clock_timestamp());
        CREATE INDEX ON ledger (run_id)
        """);

    /// <summary>Reads everything, in the order in which it was written.</summary>
    public Task<List<LedgerEntry>> ReadAsync() => database.ReadAsync(
        "SELECT run_id, call, attempt, number, finished, silo, at FROM ledger ORDER BY at, entry",
        row => new LedgerEntry(row.GetString(0), row.GetString(1), row.GetGuid(2), row.GetInt32(3), row.GetBoolean(4), row.GetString(5), row.GetDateTime(6)));

    /// <summary>Tells what time it is in the ledger.</summary>
    public async Task<DateTime> ReadTimeAsync() => (await database.ReadAsync("SELECT clock_timestamp()", row => row.GetDateTime(0)))[0];

    /// <summary>Counts the tool calls that have finished.</summary>
    public async Task<long> CountFinishedAsync() => (await database.ReadAsync("SELECT count(*) FROM ledger WHERE finished", row => row.GetInt64(0)))[0];
}

/// <summary>An execution of a tool call began or finished.</summary>
internal sealed record LedgerEntry(string RunId, string CallId, Guid Attempt, int Number, bool Finished, string Silo, DateTime At);
