using Cluster.Engine.Caching;
using Cluster.Storage.Embedded;
using Cluster.Storage.Tests.Conformance;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Storage.Tests.Embedded;

public sealed class EmbeddedResultCacheTests : ResultCacheConformance
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Results_outlive_the_process_until_their_time_is_over()
    {
        using var directory = new TestDirectory();
        var cache = NewCache(directory, 10_000);
        await cache.PutAsync("short", "v", TimeSpan.FromMinutes(1), Stop);
        await cache.PutAsync("long", "w", TimeSpan.FromHours(1), Stop);
        Clock.Now += TimeSpan.FromMinutes(2);

        var next = NewCache(directory, 10_000);

        Assert.Equal((null, "w"), (await next.FindAsync("short", Stop), await next.FindAsync("long", Stop)));
        Assert.Single(Files(directory));
    }

    [Fact]
    public async Task A_smaller_bound_holds_from_the_next_start_on()
    {
        using var directory = new TestDirectory();
        var cache = NewCache(directory, 10_000);
        for (var i = 0; i < 10; i++)
        {
            await cache.PutAsync($"k{i}", new string('x', 500), TimeSpan.FromHours(1), Stop);
        }

        _ = NewCache(directory, 1_200);

        Assert.Equal(2, Files(directory).Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(30)]
    public async Task A_file_that_was_damaged_is_not_a_result(int length)
    {
        using var directory = new TestDirectory();
        await NewCache(directory, 10_000).PutAsync("k", "a result that is longer than thirty bytes", TimeSpan.FromHours(1), Stop);
        var file = Assert.Single(Files(directory));
        await File.WriteAllBytesAsync(file, (await File.ReadAllBytesAsync(file, Stop))[..length], Stop);

        Assert.Null(await NewCache(directory, 10_000).FindAsync("k", Stop));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_used_keeps_nothing_and_breaks_nothing()
    {
        using var directory = new TestDirectory();
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "results"), "in the way", Stop);
        var cache = NewCache(directory, 10_000);

        await cache.PutAsync("k", "v", TimeSpan.FromHours(1), Stop);

        Assert.Null(await cache.FindAsync("k", Stop));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_store_setting_chooses_the_cache(bool isEngineFirst)
    {
        using var directory = new TestDirectory();
        var services = new ServiceCollection();
        _ = isEngineFirst ? services.AddEngine().AddStore($"embedded:{directory.Path}") : services.AddStore($"embedded:{directory.Path}").AddEngine();
        await using var provider = services.BuildServiceProvider();

        await provider.GetRequiredService<IResultCache>().PutAsync("k", "v", TimeSpan.FromHours(1), Stop);

        Assert.Single(Files(directory));
    }

    protected override Task<CacheUnderTest> OpenAsync(long capacity)
    {
        var directory = new TestDirectory();
        return Task.FromResult(new CacheUnderTest(NewCache(directory, capacity), new Removal(directory)));
    }

    private static string[] Files(TestDirectory directory) => Directory.GetFiles(Path.Combine(directory.Path, "results"));

    private EmbeddedResultCache NewCache(TestDirectory directory, long capacity) => new(new EmbeddedStorageOptions { Directory = directory.Path, CacheBytes = capacity }, Clock);

    private sealed class Removal(TestDirectory directory) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            directory.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
