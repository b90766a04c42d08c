using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cluster.Engine.Json;
using Orleans.Storage;

namespace Cluster.Silo.Postgres;

/// <summary>
/// Writes the states of grains as the engine writes its records: plain JSON without the names of types. Engine records have their generated metadata;
/// what only grains keep is described by reflection.
/// </summary>
internal sealed class GrainStateSerializer : IGrainStorageSerializer
{
    private static readonly JsonSerializerOptions Options = CreateOptions();

    private GrainStateSerializer()
    {
    }

    /// <summary>Gets the serializer.</summary>
    public static GrainStateSerializer Instance { get; } = new();

    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, Options));

    public T Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input.ToMemory().Span, Options)!;

    private static JsonSerializerOptions CreateOptions()
    {
        var options = new JsonSerializerOptions(EngineJson.Options);
        options.TypeInfoResolverChain.Add(new DefaultJsonTypeInfoResolver());
        options.MakeReadOnly();
        return options;
    }
}
