using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;

namespace Cluster.Engine.Tests.Runs;

public sealed class RunFeedTests
{
    [Fact]
    public async Task Readers_on_other_threads_miss_nothing_while_the_owner_appends()
    {
        const int Count = 20_000;
        var feed = new RunFeed([]);
        var readers = Enumerable.Range(0, 8)
            .Select(reader => Task.Run(async () => await feed.ReadAsync(reader - 1L, Patience.Token).Select(next => next.EventIndex!.Value).ToListAsync(Patience.Token)))
            .ToArray();

        await Task.Run(() =>
        {
            for (var i = 0; i < Count; i++)
            {
                feed.Append(new RunContent { EventIndex = i }, endsHere: i == Count - 1);
            }
        }, Patience.Token);

        var seen = await Task.WhenAll(readers).Within();
        for (var reader = 0; reader < seen.Length; reader++)
        {
            Assert.Equal(Enumerable.Range(reader, Count - reader).Select(index => (long)index), seen[reader]);
        }
    }

    [Fact]
    public async Task A_feed_goes_on_after_a_pause()
    {
        var feed = new RunFeed([]);
        feed.Append(new RunContinued { EventIndex = 0 }, endsHere: true);
        Assert.Single(await feed.ReadAsync(-1, Patience.Token).ToListAsync(Patience.Token));

        feed.Append(new RunContinued { EventIndex = 1 }, endsHere: false);
        var reader = feed.ReadAsync(0, Patience.Token).ToListAsync(Patience.Token).AsTask();
        Assert.False(reader.IsCompleted);
        feed.Append(new RunContinued { EventIndex = 2 }, endsHere: true);

        Assert.Equal([1L, 2L], (await reader).Select(next => next.EventIndex!.Value));
    }

    [Fact]
    public async Task An_empty_feed_that_ends_gives_nothing()
    {
        var feed = new RunFeed([]);
        var readers = new[] { -1, 5, long.MaxValue }.Select(after => feed.ReadAsync(after, Patience.Token).ToListAsync(Patience.Token).AsTask()).ToArray();
        var waiting = feed.WaitAsync(Patience.Token);

        feed.End();

        await waiting.Within();
        Assert.All(await Task.WhenAll(readers).Within(), Assert.Empty);
    }
}
