using System.Diagnostics;
using Cluster.Grains.Interfaces.Streams;

namespace Cluster.ClusterBenchmarks;

/// <summary>Something that was sent, and when by the machine's monotonic clock, which all processes share.</summary>
[GenerateSerializer, Immutable, Alias("benchmark.event")]
public sealed record SentEvent([property: Id(0)] int Number, [property: Id(1)] long SentAt, [property: Id(2)] string Text);

[Alias("benchmark.observer")]
public interface IEventObserver : IGrainObserver
{
    [Alias("next")]
    Task OnNextAsync(SentEvent next);
}

[Alias("benchmark.sender")]
public interface ISenderGrain : IGrainWithIntegerKey
{
    /// <summary>Sends events one after the other, over the stream or to the observer.</summary>
    [Alias("send")]
    Task SendAsync(int first, int count, IEventObserver? observer);
}

internal sealed class SenderGrain : Grain, ISenderGrain
{
    public async Task SendAsync(int first, int count, IEventObserver? observer)
    {
        var stream = this.GetStreamProvider(RunStreams.ProviderName).GetStream<SentEvent>(StreamId.Create("benchmark", "gateway"));
        for (var number = first; number < first + count; number++)
        {
            var next = new SentEvent(number, Stopwatch.GetTimestamp(), "A delta of a model's answer, as long as they are when they have some JSON around them.");
            await (observer is null ? stream.OnNextAsync(next) : observer.OnNextAsync(next));
        }
    }
}
