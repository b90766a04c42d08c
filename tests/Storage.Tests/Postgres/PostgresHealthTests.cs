using Cluster.Engine.Errors;
using Cluster.Engine.Scopes;
using Cluster.Storage.Postgres;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Postgres;

/// <summary>A database that somebody has changed under the program: its health says so, and that it is well again without anybody's write.</summary>
public sealed class PostgresHealthTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ALTER TABLE run_events RENAME TO hidden", "ALTER TABLE hidden RENAME TO run_events", "writes fail: a table or function is missing")]
    [InlineData("ALTER TABLE sessions RENAME TO hidden", "ALTER TABLE hidden RENAME TO sessions", "writes fail: a table or function is missing")]
    public async Task Writes_that_fail_show_until_a_small_one_succeeds(string harm, string mend, string expected)
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var batches = schema.NewBatches();
        var store = new PostgresStore(batches, TenantId.Default);
        var health = new PostgresHealth(schema.DataSource, batches);
        await store.AcceptAsync(Samples.Accept("r1"), Stop);
        var before = await health.FindFailureAsync(Stop);
        await schema.ExecuteAsync(harm);

        await Assert.ThrowsAsync<UnavailableException>(() => store.AcceptAsync(Samples.Accept("r2"), Stop));
        var missing = await health.FindFailureAsync(Stop);
        await schema.ExecuteAsync(mend);
        while (await health.FindFailureAsync(Stop) is not null)
        {
            // One is tried each second.
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
        }

        Assert.Null(before);
        Assert.Equal(expected, missing);
        Assert.Equal(1L, await schema.ReadAsync<long>("SELECT count(*) FROM sessions"));
    }

    [Fact]
    public async Task A_server_that_only_reads_is_told()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        await using var dataSource = PostgresConnection.CreateDataSource(schema.ConnectionString + ";Options=-c default_transaction_read_only=on");
        await using var batches = new PostgresBatches(dataSource, Microsoft.Extensions.Options.Options.Create(new PostgresStorageOptions()));
        var store = new PostgresStore(batches, TenantId.Default);

        await Assert.ThrowsAsync<UnavailableException>(() => store.AcceptAsync(Samples.Accept("r1"), Stop));

        Assert.Equal("writes fail: the server is read-only", await new PostgresHealth(dataSource, batches).FindFailureAsync(Stop));
    }
}
