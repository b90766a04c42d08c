using Cluster.Engine.Caching;
using Cluster.Engine.Errors;
using Cluster.Engine.Memory;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Storage.Postgres;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Cluster.Storage.Tests.Postgres;

public sealed class PostgresRegistrationTests
{
    private const string MigrateOnStart = "Storage:Postgres:MigrateOnStart";
    private const string Nowhere = "Host=127.0.0.1;Port=1;Username=u;Password=secret;Database=d";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_store_wins_over_the_engine_s_default_in_either_order(bool isEngineFirst)
    {
        var services = Services();
        _ = isEngineFirst ? services.AddEngine().AddPostgresStorage(Nowhere) : services.AddPostgresStorage(Nowhere).AddEngine();

        await using var provider = services.BuildServiceProvider();

        var store = provider.GetRequiredService<PostgresStore>();
        Assert.Same(store, provider.GetRequiredService<IRunLog>());
        Assert.Same(store, provider.GetRequiredService<IRunRecords>());
        Assert.Same(store, provider.GetRequiredService<ISessionStore>());
        Assert.IsType<PostgresUserMemories>(provider.GetRequiredService<IUserMemoryStore>());
        Assert.IsType<TenantResultCache>(provider.GetRequiredService<IResultCache>());
        Assert.NotNull(provider.GetService<PostgresResultCache>());
    }

    [Fact]
    public async Task Adding_it_twice_is_the_same_as_once()
    {
        var services = Services().AddPostgresStorage(Nowhere).AddPostgresStorage(Nowhere);

        await using var provider = services.BuildServiceProvider();

        Assert.Single(provider.GetServices<IRunLog>());
        Assert.Single(provider.GetServices<IHostedService>(), service => service is MigrationAtStart);
    }

    [Fact]
    public async Task The_database_is_migrated_at_start_by_default()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await using var provider = Services().AddPostgresStorage(schema.ConnectionString).BuildServiceProvider();

        await Start(provider).StartingAsync(Stop);

        Assert.Equal(PostgresMigrator.LatestVersion, await new PostgresMigrator(schema.DataSource).GetVersionAsync(Stop));
    }

    [Fact]
    public async Task A_program_that_may_not_migrate_refuses_an_old_database_and_names_the_remedy()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var migrator = new PostgresMigrator(schema.DataSource);
        await migrator.DownAsync(1, Stop);
        await using var provider = Services((MigrateOnStart, "false")).AddPostgresStorage(schema.ConnectionString).BuildServiceProvider();

        var refusal = await Assert.ThrowsAsync<ConflictException>(() => Start(provider).StartingAsync(Stop));

        Assert.Contains("version 1,", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("silo migrate", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, await migrator.GetVersionAsync(Stop));
    }

    [Fact]
    public async Task A_program_that_may_not_migrate_starts_on_its_own_version_and_on_no_newer_one()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        await using var provider = Services((MigrateOnStart, "false")).AddPostgresStorage(schema.ConnectionString).BuildServiceProvider();

        await Start(provider).StartingAsync(Stop);
        await schema.ExecuteAsync("INSERT INTO schema_version (version, name) VALUES (4711, 'of the future')");

        Assert.Contains("4711", (await Assert.ThrowsAsync<ConflictException>(() => Start(provider).StartingAsync(Stop))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named_at_start()
    {
        await using var provider = Services().AddPostgresStorage(Nowhere).BuildServiceProvider();

        var refusal = await Assert.ThrowsAsync<UnavailableException>(() => Start(provider).StartingAsync(Stop));

        Assert.Contains("127.0.0.1:1", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refusal.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Storage:Postgres:MaxBatchSize", "0")]
    [InlineData("Storage:Postgres:MaxConcurrentBatches", "65")]
    public async Task Settings_out_of_range_are_refused(string key, string value)
    {
        await using var provider = Services((key, value)).AddPostgresStorage(Nowhere).BuildServiceProvider();

        var validator = provider.GetRequiredService<IStartupValidator>();

        Assert.Throws<OptionsValidationException>(validator.Validate);
    }

    [Fact]
    public void A_connection_string_that_makes_no_sense_is_refused_without_telling_its_values()
    {
        var refusal = Assert.Throws<InvalidRequestException>(() => PostgresConnection.CreateDataSource("Hots=h;Password=secret"));

        Assert.DoesNotContain("secret", refusal.ToString(), StringComparison.Ordinal);
    }

    private static IHostedLifecycleService Start(IServiceProvider provider) => provider.GetServices<IHostedService>().OfType<IHostedLifecycleService>().Single();

    private static IServiceCollection Services(params (string Key, string Value)[] settings) => new ServiceCollection()
        .AddLogging()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value)).Build());
}
