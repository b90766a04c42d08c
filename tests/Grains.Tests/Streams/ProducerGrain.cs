using Cluster.Grains.Interfaces.Streams;

namespace Cluster.Grains.Tests.Streams;

/// <summary>Puts items on streams, as runs do.</summary>
[Alias("test.producer")]
public interface IProducerGrain : IGrainWithStringKey
{
    [Alias("produce")]
    Task ProduceAsync(string stream, int first, int count);
}

[GenerateSerializer, Immutable, Alias("test.item")]
public sealed record Item([property: Id(0)] string Producer, [property: Id(1)] int Number);

internal sealed class ProducerGrain : Grain, IProducerGrain
{
    public async Task ProduceAsync(string stream, int first, int count)
    {
        var observer = this.GetStreamProvider(RunStreams.ProviderName).GetStream<Item>(StreamId.Create("test", stream));
        for (var number = first; number < first + count; number++)
        {
            await observer.OnNextAsync(new Item(this.GetPrimaryKeyString(), number));
        }
    }
}
