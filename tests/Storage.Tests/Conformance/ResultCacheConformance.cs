using Cluster.Engine.Caching;

namespace Cluster.Storage.Tests.Conformance;

/// <summary>What every <see cref="IResultCache"/> does.</summary>
public abstract class ResultCacheConformance
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    protected SetClock Clock { get; } = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("{\"a\":\"ü 🎉 \\u0000\"}")]
    [InlineData("\0 and \r\n")]
    public async Task A_result_comes_back_as_it_was(string result)
    {
        await using var cache = await OpenAsync(10_000);

        await cache.Cache.PutAsync("tool/k", result, Hour, Stop);

        Assert.Equal(result, await cache.Cache.FindAsync("tool/k", Stop));
    }

    [Fact]
    public async Task What_was_never_kept_is_not_found()
    {
        await using var cache = await OpenAsync(10_000);
        await cache.Cache.PutAsync("tool/k", "v", Hour, Stop);

        Assert.Null(await cache.Cache.FindAsync("tool/other", Stop));
    }

    [Fact]
    public async Task A_result_is_found_until_its_time_is_over()
    {
        await using var cache = await OpenAsync(10_000);
        await cache.Cache.PutAsync("k", "v", Hour, Stop);

        Clock.Now += Hour - TimeSpan.FromMilliseconds(1);
        Assert.Equal("v", await cache.Cache.FindAsync("k", Stop));
        Clock.Now += TimeSpan.FromMilliseconds(1);
        Assert.Null(await cache.Cache.FindAsync("k", Stop));
    }

    [Fact]
    public async Task A_later_result_replaces_the_earlier_one_and_its_time()
    {
        await using var cache = await OpenAsync(10_000);
        await cache.Cache.PutAsync("k", "old", TimeSpan.FromSeconds(1), Stop);

        await cache.Cache.PutAsync("k", "new", Hour, Stop);

        Clock.Now += TimeSpan.FromSeconds(2);
        Assert.Equal("new", await cache.Cache.FindAsync("k", Stop));
    }

    [Fact]
    public async Task What_is_too_much_goes_the_oldest_first()
    {
        await using var cache = await OpenAsync(2_000);

        for (var i = 0; i < 40; i++)
        {
            Clock.Now += TimeSpan.FromMilliseconds(1);
            await cache.Cache.PutAsync($"k{i}", new string('x', 250), Hour, Stop);
        }

        Assert.Null(await cache.Cache.FindAsync("k0", Stop));
        Assert.Null(await cache.Cache.FindAsync("k30", Stop));
        Assert.NotNull(await cache.Cache.FindAsync("k38", Stop));
        Assert.NotNull(await cache.Cache.FindAsync("k39", Stop));
    }

    [Fact]
    public async Task A_result_that_is_larger_than_the_cache_is_not_kept_and_drives_nothing_out()
    {
        await using var cache = await OpenAsync(1_000);
        await cache.Cache.PutAsync("small", "v", Hour, Stop);

        await cache.Cache.PutAsync("large", new string('x', 2_000), Hour, Stop);

        Assert.Null(await cache.Cache.FindAsync("large", Stop));
        Assert.Equal("v", await cache.Cache.FindAsync("small", Stop));
    }

    [Fact]
    public async Task Many_who_keep_and_look_at_once_find_whole_results()
    {
        await using var cache = await OpenAsync(10_000);

        var found = await Task.WhenAll(Enumerable.Range(0, 64).Select(async i =>
        {
            await cache.Cache.PutAsync($"k{i % 4}", new string((char)('a' + (i % 4)), 200), Hour, Stop);
            return (Key: i % 4, Result: await cache.Cache.FindAsync($"k{i % 4}", Stop));
        }));

        Assert.All(found, one => Assert.Equal(new string((char)('a' + one.Key), 200), one.Result));
    }

    /// <summary>Opens a cache that holds nothing yet.</summary>
    protected abstract Task<CacheUnderTest> OpenAsync(long capacity);
}

/// <summary>A cache, and what is removed after the test.</summary>
public sealed class CacheUnderTest(IResultCache cache, IAsyncDisposable? surroundings = null) : IAsyncDisposable
{
    public IResultCache Cache => cache;

    public ValueTask DisposeAsync() => surroundings?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>A clock that the test sets.</summary>
public sealed class SetClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}
