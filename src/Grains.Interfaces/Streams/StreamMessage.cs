namespace Cluster.Grains.Interfaces.Streams;

/// <summary>What one call of a producer put on a stream.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Items">The items, serialized once by the producer; only the reader looks inside.</param>
[GenerateSerializer, Immutable, Alias("stream.message")]
public sealed record StreamMessage(
    [property: Id(0)] StreamId Stream,
    [property: Id(1)] ReadOnlyMemory<byte> Items);
