using Cluster.Engine.Errors;
using Cluster.Storage.Sqlite;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Sqlite;

/// <summary>A database that others have changed under the program: its health says so, and that it is well again.</summary>
public sealed class SqliteHealthTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_table_that_is_gone_fails_writes_in_words_and_shows_in_health()
    {
        using var directory = new TestDirectory();
        using var store = directory.Open();
        var health = new SqliteHealth(store.Database);
        await store.Runs.AcceptAsync(Samples.Accept("r1"), Stop);
        directory.Execute("ALTER TABLE run_events RENAME TO hidden");

        var failure = await Assert.ThrowsAsync<UnavailableException>(() => store.Runs.AppendAsync(Samples.Append("r1", 1, Samples.Event("a")), Stop));
        var missing = await health.FindFailureAsync(Stop);
        directory.Execute("ALTER TABLE hidden RENAME TO run_events");
        await store.Runs.AppendAsync(Samples.Append("r1", 1, Samples.Event("a")), Stop);

        Assert.True(failure.NeedsRepair);
        Assert.Equal("writes fail: a table is missing", missing);
        Assert.Null(health.LastFailure);
    }

    [Fact]
    public async Task What_a_caller_did_wrong_says_nothing_of_the_store()
    {
        using var directory = new TestDirectory();
        using var store = directory.Open();
        await store.Runs.AcceptAsync(Samples.Accept("r1"), Stop);

        await Assert.ThrowsAsync<ConflictException>(() => store.Runs.AcceptAsync(Samples.Accept("r1"), Stop));

        Assert.Null(new SqliteHealth(store.Database).LastFailure);
    }
}
