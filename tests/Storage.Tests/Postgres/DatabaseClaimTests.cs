using Cluster.Engine.Errors;
using Cluster.Engine.Scopes;
using Cluster.Storage.Postgres;
using Cluster.Storage.Postgres.Claims;
using Cluster.Storage.Tests.Conformance;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Cluster.Storage.Tests.Postgres;

/// <summary>Who may work on a database together, and what happens when the connection that says so is lost.</summary>
public sealed class DatabaseClaimTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUse.Alone, DatabaseUse.Alone, "is in use by a server of its own (", "Only one server can work on a database")]
    [InlineData(DatabaseUse.Alone, DatabaseUse.Together, "is in use by a server of its own (", "Silos share a database with silos only")]
    [InlineData(DatabaseUse.Together, DatabaseUse.Alone, "is in use by silos of a cluster (", "Only one server can work on a database")]
    public async Task Those_who_cannot_work_together_are_refused_in_words(DatabaseUse first, DatabaseUse second, string who, string remedy)
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await using var holder = new Process(schema, first);
        await holder.Claim.StartingAsync(Stop);
        await using var other = new Process(schema, second);

        var refusal = await Assert.ThrowsAsync<UnavailableException>(() => other.Claim.StartingAsync(Stop));

        Assert.True(refusal.NeedsRepair);
        Assert.Contains(who, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(schema.Name, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, refusal.Message, StringComparison.Ordinal);
        Assert.Null(holder.Claim.Missing);
    }

    [Fact]
    public async Task Silos_work_together_and_a_server_alone_when_the_last_one_has_gone()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await using var one = new Process(schema, DatabaseUse.Together);
        await using var two = new Process(schema, DatabaseUse.Together);
        await one.Claim.StartingAsync(Stop);
        await two.Claim.StartingAsync(Stop);
        await one.Claim.StoppedAsync(Stop);
        await using var alone = new Process(schema, DatabaseUse.Alone);
        await Assert.ThrowsAsync<UnavailableException>(() => alone.Claim.StartingAsync(Stop));

        await two.Claim.StoppedAsync(Stop);
        await alone.Claim.StartingAsync(Stop);

        Assert.Null(alone.Claim.Missing);
    }

    [Fact]
    public async Task Whoever_was_killed_a_moment_ago_is_waited_for()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await using var first = new Process(schema, DatabaseUse.Alone);
        await first.Claim.StartingAsync(Stop);
        await using var second = new Process(schema, DatabaseUse.Alone);

        var starting = second.Claim.StartingAsync(Stop);
        await first.Claim.StoppedAsync(Stop);
        await starting;

        Assert.Null(second.Claim.Missing);
    }

    [Fact]
    public async Task Nothing_is_written_while_the_claim_is_lost_and_everything_when_it_is_back()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        await using var process = new Process(schema, DatabaseUse.Alone);
        await process.Claim.StartingAsync(Stop);
        await using var batches = new PostgresBatches(process.DataSource, Options.Create(new PostgresStorageOptions()), process.Claim);
        var store = new PostgresStore(batches, TenantId.Default);
        var health = new PostgresHealth(process.DataSource, batches, process.Claim);
        await store.AcceptAsync(Samples.Accept("r1"), Stop);
        await using var thief = new Process(schema, DatabaseUse.Alone);

        // Whoever takes the lock between two looks has the database from then on.
        await TakeAwayAsync(schema, process, thief);
        await UntilAsync(() => process.Claim.Missing == "another process works on the database");
        var refused = await Assert.ThrowsAsync<UnavailableException>(() => store.AppendAsync(Samples.Append("r1", 1, Samples.Event("a")), Stop));
        var ill = await health.FindFailureAsync(Stop);
        await thief.Claim.StoppedAsync(Stop);
        await UntilAsync(() => process.Claim.Missing is null);
        await store.AppendAsync(Samples.Append("r1", 1, Samples.Event("a")), Stop);

        Assert.Equal("another process works on the database", refused.Reason);
        Assert.Equal("another process works on the database", ill);
        Assert.Null(await health.FindFailureAsync(Stop));
        Assert.Equal(2, process.Claim.Times);
    }

    [Fact]
    public async Task A_pool_of_one_connection_is_refused_instead_of_waited_for()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await using var dataSource = PostgresConnection.CreateDataSource(schema.ConnectionString + ";Maximum Pool Size=1");
        await using var claim = new DatabaseClaim(dataSource, DatabaseUse.Alone, Options.Create(new PostgresStorageOptions()), TimeProvider.System, NullLogger<DatabaseClaim>.Instance);

        await Assert.ThrowsAsync<InvalidRequestException>(() => claim.StartingAsync(Stop));
    }

    /// <summary>Cuts all connections of the first until the second has the lock: the first looks every second.</summary>
    private static async Task TakeAwayAsync(PostgresSchema schema, Process from, Process to)
    {
        while (true)
        {
            await schema.ExecuteOnServerAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{from.Name}'");
            try
            {
                await to.Claim.StartingAsync(Stop);
                return;
            }
            catch (UnavailableException)
            {
                Stop.ThrowIfCancellationRequested();
            }
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
        }
    }

    /// <summary>What a process has of its own: a pool of connections, and the claim.</summary>
    private sealed class Process : IAsyncDisposable
    {
        public Process(PostgresSchema schema, DatabaseUse use)
        {
            Name = $"{schema.Name}_{Guid.NewGuid():N}"[..60];
            DataSource = PostgresConnection.CreateDataSource(new NpgsqlConnectionStringBuilder(schema.ConnectionString) { ApplicationName = Name }.ConnectionString);
            Claim = new DatabaseClaim(DataSource, use, Options.Create(new PostgresStorageOptions()), TimeProvider.System, NullLogger<DatabaseClaim>.Instance);
        }

        public string Name { get; }

        public NpgsqlDataSource DataSource { get; }

        public DatabaseClaim Claim { get; }

        public async ValueTask DisposeAsync()
        {
            await Claim.DisposeAsync();
            await DataSource.DisposeAsync();
        }
    }
}
