using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Providers.Streams.Common;
using Orleans.Serialization;
using Orleans.Streams;

namespace Cluster.Grains.Interfaces.Streams;

/// <summary>Messages of one stream that are delivered together.</summary>
[GenerateSerializer, Immutable, Alias("stream.batch"), SerializationCallbacks(typeof(OnDeserializedCallbacks))]
internal sealed class StreamBatch : IBatchContainer, IOnDeserialized
{
    [NonSerialized]
    private Serializer _serializer;

    public StreamBatch(StreamId streamId, long sequence, ImmutableArray<ReadOnlyMemory<byte>> messages, Serializer serializer)
    {
        StreamId = streamId;
        Sequence = sequence;
        Messages = messages;
        _serializer = serializer;
    }

    [Id(0)]
    public StreamId StreamId { get; private init; }

    /// <summary>Gets the place of the last message in its queue. It means nothing to other queues, nor to the silo that takes this queue over.</summary>
    [Id(1)]
    public long Sequence { get; private init; }

    [Id(2)]
    public ImmutableArray<ReadOnlyMemory<byte>> Messages { get; private init; }

    public StreamSequenceToken SequenceToken => new EventSequenceTokenV2(Sequence);

    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>()
    {
        var index = 0;
        foreach (var message in Messages)
        {
            foreach (var item in _serializer.Deserialize<object[]>(message) ?? [])
            {
                yield return Tuple.Create<T, StreamSequenceToken>((T)item, new EventSequenceTokenV2(Sequence, index++));
            }
        }
    }

    /// <summary>Makes a batch of these messages, which end with those of this one.</summary>
    public StreamBatch Including(ImmutableArray<ReadOnlyMemory<byte>> messages) => new(StreamId, Sequence, messages, _serializer);

    /// <summary>Messages of many callers travel together, so no caller's request context can.</summary>
    public bool ImportRequestContext() => false;

    void IOnDeserialized.OnDeserialized(DeserializationContext context) => _serializer = context.ServiceProvider.GetRequiredService<Serializer>();
}
