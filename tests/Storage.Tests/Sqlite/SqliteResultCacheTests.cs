using Cluster.Engine.Caching;
using Cluster.Storage.Sqlite;
using Cluster.Storage.Tests.Conformance;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Storage.Tests.Sqlite;

public sealed class SqliteResultCacheTests : ResultCacheConformance
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Results_outlive_the_process_until_their_time_is_over()
    {
        using var directory = new TestDirectory();
        using (var cache = NewCache(directory, 10_000))
        {
            await cache.PutAsync("short", "v", TimeSpan.FromMinutes(1), Stop);
            await cache.PutAsync("long", "w", Hour, Stop);
        }

        Clock.Now += TimeSpan.FromMinutes(2);
        using var next = NewCache(directory, 10_000);

        Assert.Equal((null, "w"), (await next.FindAsync("short", Stop), await next.FindAsync("long", Stop)));
    }

    [Fact]
    public async Task A_smaller_bound_holds_from_the_next_write_on()
    {
        using var directory = new TestDirectory();
        using (var cache = NewCache(directory, 10_000))
        {
            for (var i = 0; i < 10; i++)
            {
                await cache.PutAsync($"k{i}", new string('x', 500), Hour, Stop);
            }
        }

        using var next = NewCache(directory, 1_200);
        await next.PutAsync("k10", new string('x', 500), Hour, Stop);

        Assert.Equal((null, null), (await next.FindAsync("k0", Stop), await next.FindAsync("k8", Stop)));
        Assert.NotNull(await next.FindAsync("k9", Stop));
        Assert.NotNull(await next.FindAsync("k10", Stop));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(3_000)]
    public async Task A_file_that_was_damaged_is_begun_anew(int length)
    {
        using var directory = new TestDirectory();
        using (var cache = NewCache(directory, 10_000))
        {
            await cache.PutAsync("k", "a result", Hour, Stop);
        }

        var bytes = await File.ReadAllBytesAsync(FileOf(directory), Stop);
        await File.WriteAllBytesAsync(FileOf(directory), bytes[..length], Stop);
        using var next = NewCache(directory, 10_000);

        Assert.Null(await next.FindAsync("k", Stop));
        await next.PutAsync("k", "another", Hour, Stop);
        Assert.Equal("another", await next.FindAsync("k", Stop));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_used_keeps_nothing_and_breaks_nothing()
    {
        using var directory = new TestDirectory();
        Directory.CreateDirectory(FileOf(directory));
        using var cache = NewCache(directory, 10_000);

        await cache.PutAsync("k", "v", Hour, Stop);

        Assert.Null(await cache.FindAsync("k", Stop));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_store_setting_chooses_the_cache(bool isEngineFirst)
    {
        using var directory = new TestDirectory();
        var services = new ServiceCollection();
        _ = isEngineFirst ? services.AddEngine().AddStore($"sqlite:{directory.Path}") : services.AddStore($"sqlite:{directory.Path}").AddEngine();
        await using var provider = services.BuildServiceProvider();

        await provider.GetRequiredService<IResultCache>().PutAsync("k", "v", Hour, Stop);

        Assert.True(File.Exists(FileOf(directory)));
    }

    protected override Task<CacheUnderTest> OpenAsync(long capacity)
    {
        var directory = new TestDirectory();
        var cache = NewCache(directory, capacity);
        return Task.FromResult(new CacheUnderTest(cache, new Removal(cache, directory)));
    }

    private static string FileOf(TestDirectory directory) => Path.Combine(directory.Path, "results.db");

    private SqliteResultCache NewCache(TestDirectory directory, long capacity) => new(new SqliteStorageOptions { Directory = directory.Path, CacheBytes = capacity }, Clock);

    private sealed class Removal(SqliteResultCache cache, TestDirectory directory) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            cache.Dispose();
            directory.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
