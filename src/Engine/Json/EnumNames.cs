using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Cluster.Engine.Json;

/// <summary>The names of an enumeration's values as they stand in JSON, for places that are not JSON.</summary>
internal static class EnumNames
{
    /// <summary>Reads them.</summary>
    /// <param name="type">How the enumeration is written.</param>
    /// <returns>The name of each value.</returns>
    public static FrozenDictionary<TEnum, string> Of<TEnum>(JsonTypeInfo<TEnum> type)
        where TEnum : struct, Enum =>
        Enum.GetValues<TEnum>().ToFrozenDictionary(value => value, value => JsonSerializer.SerializeToElement(value, type).GetString()!);
}
