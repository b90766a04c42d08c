using Cluster.Engine.Errors;
using Cluster.Storage.Postgres;
using Cluster.Storage.Sql;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Postgres;

public sealed class PostgresMigratorTests
{
    private const string Objects =
        "SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname NOT LIKE 'schema_version%') + "
        + "(SELECT count(*) FROM pg_proc WHERE pronamespace = current_schema()::regnamespace)";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_goes_up_down_to_nothing_and_up_again()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var migrator = new PostgresMigrator(schema.DataSource);
        Assert.Equal(0, await migrator.GetVersionAsync(Stop));

        Assert.Equal(Migration.Postgres.Count, await migrator.UpAsync(Stop));
        var objects = await schema.ReadAsync<long>(Objects);
        Assert.Equal(Migration.Postgres.Count, await migrator.DownAsync(0, Stop));
        Assert.Equal((0, 0L), (await migrator.GetVersionAsync(Stop), await schema.ReadAsync<long>(Objects)));
        await migrator.UpAsync(Stop);

        Assert.Equal((PostgresMigrator.LatestVersion, objects), (await migrator.GetVersionAsync(Stop), await schema.ReadAsync<long>(Objects)));
        var store = schema.NewStore();
        Assert.True((await store.AcceptAsync(Samples.Accept("r1"), Stop)).IsNew);
    }

    [Fact]
    public async Task What_the_stores_hold_outlives_the_runtime_s_tables_going_down_and_up()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var migrator = new PostgresMigrator(schema.DataSource);
        var store = schema.NewStore();
        await store.AcceptAsync(Samples.Accept("r1"), Stop);
        var queries = await schema.ReadAsync<long>("SELECT count(*) FROM OrleansQuery");

        await migrator.DownAsync(1, Stop);

        Assert.Equal(0L, await schema.ReadAsync<long>("SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname LIKE 'orleans%'"));
        Assert.Equal(1L, await schema.ReadAsync<long>("SELECT count(*) FROM runs"));
        await migrator.ContractAsync(Stop);
        Assert.NotNull(await store.ReadAsync("r1", Stop));
        Assert.True((await store.AcceptAsync(Samples.Accept("r2", "s2"), Stop)).IsNew);
        Assert.Equal(queries, await schema.ReadAsync<long>("SELECT count(*) FROM OrleansQuery"));
        Assert.NotNull(await store.ReadAsync("r2", Stop));
    }

    [Fact]
    public void What_older_programs_cannot_work_with_comes_last()
    {
        var contractions = Migration.Postgres.SkipWhile(migration => !migration.IsContraction).ToArray();

        Assert.All(contractions, migration => Assert.True(migration.IsContraction, $"{migration.Version} would bring the contraction before it along; take the mark of that one away, which needs it from now on."));
    }

    [Fact]
    public async Task Many_migrators_at_once_migrate_once()
    {
        await using var schema = await PostgresSchema.CreateAsync();

        var steps = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => new PostgresMigrator(schema.DataSource).UpAsync(Stop)));

        Assert.Equal(Migration.Postgres.Count, steps.Sum());
        Assert.Equal((long)Migration.Postgres.Count, await schema.ReadAsync<long>("SELECT count(*) FROM schema_version"));
    }

    [Fact]
    public async Task Migrating_up_again_changes_nothing()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var store = schema.NewStore();
        await store.AcceptAsync(Samples.Accept("r1"), Stop);

        Assert.Equal(0, await new PostgresMigrator(schema.DataSource).UpAsync(Stop));

        Assert.NotNull(await store.ReadAsync("r1", Stop));
    }

    [Fact]
    public async Task A_database_that_is_newer_than_the_program_is_refused_up_and_down()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        await schema.ExecuteAsync("INSERT INTO schema_version (version, name) VALUES (4711, 'of the future')");
        var migrator = new PostgresMigrator(schema.DataSource);

        var refusal = await Assert.ThrowsAsync<ConflictException>(() => migrator.UpAsync(Stop));
        await Assert.ThrowsAsync<ConflictException>(() => migrator.DownAsync(0, Stop));

        Assert.Contains("4711", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0L, await schema.ReadAsync<long>("SELECT count(*) FROM runs"));
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_the_database_as_it_was()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await schema.ExecuteAsync("CREATE TABLE run_events (in_the_way integer)");
        var migrator = new PostgresMigrator(schema.DataSource);

        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => migrator.UpAsync(Stop));

        Assert.Equal((0, 1L), (await migrator.GetVersionAsync(Stop), await schema.ReadAsync<long>(Objects)));
    }

    [Fact]
    public void Every_migration_leads_there_and_back_and_has_a_number_of_its_own()
    {
        Assert.Equal(Migration.Postgres.Count, Migration.Postgres.Select(migration => migration.Version).Distinct().Count());
        Assert.All(Migration.Postgres, migration => Assert.False(string.IsNullOrWhiteSpace(migration.ReadUp()) || string.IsNullOrWhiteSpace(migration.ReadDown())));
    }
}
