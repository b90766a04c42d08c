using Cluster.Storage.Postgres;
using Cluster.Storage.Tests.Conformance;
using Microsoft.Extensions.Options;

namespace Cluster.Storage.Tests.Postgres;

public sealed class PostgresResultCacheTests : ResultCacheConformance
{
    [Fact]
    public async Task Two_processes_share_what_they_keep()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var (first, second) = (NewCache(schema, 1_000), NewCache(schema, 1_000));

        await first.PutAsync("k", "v", TimeSpan.FromHours(1), TestContext.Current.CancellationToken);

        Assert.Equal("v", await second.FindAsync("k", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Rows_whose_time_is_over_are_removed_with_the_writes_of_others()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var cache = NewCache(schema, 1_000);
        await cache.PutAsync("old", "v", TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Clock.Now += TimeSpan.FromMinutes(2);

        await cache.PutAsync("new", "v", TimeSpan.FromHours(1), TestContext.Current.CancellationToken);

        Assert.Equal("new", await schema.ReadAsync<string>("SELECT string_agg(key, ' ') FROM cached_results"));
    }

    [Fact]
    public async Task A_server_that_is_away_keeps_nothing_and_breaks_nothing()
    {
        await using var nowhere = PostgresConnection.CreateDataSource("Host=127.0.0.1;Port=1;Username=u;Password=p;Database=d;Timeout=2");
        var cache = new PostgresResultCache(nowhere, Options.Create(new PostgresStorageOptions()), Clock);

        await cache.PutAsync("k", "v", TimeSpan.FromHours(1), TestContext.Current.CancellationToken);

        Assert.Null(await cache.FindAsync("k", TestContext.Current.CancellationToken));
    }

    protected override async Task<CacheUnderTest> OpenAsync(long capacity)
    {
        var schema = await PostgresSchema.CreateMigratedAsync();
        return new CacheUnderTest(NewCache(schema, capacity), schema);
    }

    private PostgresResultCache NewCache(PostgresSchema schema, long capacity) =>
        new(schema.DataSource, Options.Create(new PostgresStorageOptions { CacheBytes = capacity }), Clock);
}
