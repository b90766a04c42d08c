using System.Threading.Channels;
using Cluster.Grains.Interfaces.Streams;
using Orleans.Streams;

namespace Cluster.Grains.Tests.Streams;

/// <summary>Reads a stream in a client and keeps what came until a test asks for it.</summary>
internal sealed class StreamReader : IAsyncBatchObserver<Item>
{
    private readonly Channel<Item> _items = Channel.CreateUnbounded<Item>();
    private readonly Task _mayRead;

    private StreamReader(Task mayRead) => _mayRead = mayRead;

    /// <summary>Gets how many deliveries were finished.</summary>
    public int Deliveries { get; private set; }

    public static async Task<StreamReader> SubscribeAsync(IClusterClient client, string stream, Task? mayRead = null)
    {
        var reader = new StreamReader(mayRead ?? Task.CompletedTask);
        await client.GetStreamProvider(RunStreams.ProviderName).GetStream<Item>(StreamId.Create("test", stream)).SubscribeAsync(reader);
        return reader;
    }

    public async Task OnNextAsync(IList<SequentialItem<Item>> items)
    {
        await _mayRead;
        Deliveries++;
        foreach (var item in items)
        {
            await _items.Writer.WriteAsync(item.Item);
        }
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    public ValueTask<Item> NextAsync(CancellationToken cancellationToken) => _items.Reader.ReadAsync(cancellationToken);

    public async Task<List<Item>> NextAsync(int count, CancellationToken cancellationToken)
    {
        var items = new List<Item>(count);
        while (items.Count < count)
        {
            items.Add(await NextAsync(cancellationToken));
        }

        return items;
    }
}
