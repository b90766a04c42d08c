using Cluster.Grains.Interfaces.Streams;

namespace Cluster.Grains.Tests.Streams;

public sealed class RunStreamTests(StreamClusterFixture fixture) : IClassFixture<StreamClusterFixture>
{
    private readonly StreamCluster _cluster = fixture.Cluster;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_item_reaches_a_subscriber_in_a_client()
    {
        var reader = await StreamReader.SubscribeAsync(_cluster.Client, "one");

        await _cluster.ProduceAsync("p/one", "one", 7, 1);

        Assert.Equal(new Item("p/one", 7), await reader.NextAsync(Stop));
    }

    [Fact]
    public async Task Items_of_each_producer_arrive_once_and_in_order()
    {
        var reader = await StreamReader.SubscribeAsync(_cluster.Client, "order");

        await Task.WhenAll(Enumerable.Range(0, 4).Select(producer => _cluster.ProduceAsync($"p/order{producer}", "order", 0, 100)));
        var items = await reader.NextAsync(400, Stop);

        Assert.All(items.GroupBy(item => item.Producer), produced => Assert.Equal(Enumerable.Range(0, 100), produced.Select(item => item.Number)));
    }

    [Fact]
    public async Task A_subscriber_gets_the_items_of_its_stream_only()
    {
        var reader = await StreamReader.SubscribeAsync(_cluster.Client, "mine");

        await Task.WhenAll(Enumerable.Range(0, 20).Select(other => _cluster.ProduceAsync("p/others", $"other{other}", other, 1)));
        await _cluster.ProduceAsync("p/mine", "mine", 1, 1);

        Assert.Equal(new Item("p/mine", 1), await reader.NextAsync(Stop));
    }

    [Fact]
    public async Task What_waits_together_is_delivered_together()
    {
        var mayRead = new TaskCompletionSource();
        var reader = await StreamReader.SubscribeAsync(_cluster.Client, "many", mayRead.Task);
        await _cluster.ProduceAsync("p/many", "many", 0, 400);
        mayRead.SetResult();

        var items = await reader.NextAsync(400, Stop);

        Assert.Equal(Enumerable.Range(0, 400), items.Select(item => item.Number));
        Assert.InRange(reader.Deliveries, 1, 20);
    }

    [Fact]
    public async Task A_reader_that_is_too_slow_loses_the_oldest_items_and_holds_up_nobody()
    {
        var mayRead = new TaskCompletionSource();
        var slow = await StreamReader.SubscribeAsync(_cluster.Client, "slow", mayRead.Task);
        var quick = await StreamReader.SubscribeAsync(await _cluster.AddClientAsync(), "slow");

        for (var first = 0; first < 3_000; first += 100)
        {
            await _cluster.ProduceAsync("p/slow", "slow", first, 100);
            await quick.NextAsync(100, Stop);
        }

        mayRead.SetResult();
        var seen = new List<Item>();
        while (seen.Count == 0 || seen[^1].Number < 2_999)
        {
            seen.Add(await slow.NextAsync(Stop));
        }

        Assert.InRange(seen.Count, StreamCluster.QueueCapacity - 100, StreamCluster.QueueCapacity + 200);
        Assert.Equal(seen.Select(item => item.Number).Order(), seen.Select(item => item.Number));
    }

    [Fact]
    public async Task A_full_queue_drops_the_oldest_messages_and_goes_on()
    {
        var queue = _cluster.Client.GetGrain<IStreamQueueGrain>("q/test/full");
        for (byte number = 0; number < 3; number++)
        {
            await queue.EnqueueAsync([.. Enumerable.Repeat(Message(number), 250)]);
        }

        var messages = await queue.DequeueAsync(1_000, TimeSpan.Zero, Stop);

        Assert.Equal(StreamCluster.QueueCapacity, messages.Length);
        Assert.Equal([1, 2], messages.Select(message => (int)message.Items.Span[0]).Distinct());
    }

    [Fact]
    public async Task Whoever_waits_at_a_queue_gets_the_next_message_at_once()
    {
        var queue = _cluster.Client.GetGrain<IStreamQueueGrain>("q/test/wait");
        var waiting = queue.DequeueAsync(10, TimeSpan.FromSeconds(5), Stop);
        Assert.False(waiting.IsCompleted);

        await queue.EnqueueAsync([Message(9)]);

        Assert.Equal(9, (await waiting)[0].Items.Span[0]);
    }

    [Fact]
    public async Task A_reader_whose_queue_has_a_new_reader_is_sent_away_empty()
    {
        var queue = _cluster.Client.GetGrain<IStreamQueueGrain>("q/test/moved");
        var old = queue.DequeueAsync(10, TimeSpan.FromSeconds(5), Stop);
        var current = queue.DequeueAsync(10, TimeSpan.FromSeconds(5), Stop);

        Assert.Empty(await old);
        await queue.EnqueueAsync([Message(9)]);

        Assert.Single(await current);
    }

    private static StreamMessage Message(byte number) => new(StreamId.Create("test", "queue"), new[] { number });
}
