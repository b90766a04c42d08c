using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cluster.Engine.Json;

/// <summary>Writes a time with exactly six decimals. The framework writes as many as it needs, up to seven, which Python before 3.11 does not read.</summary>
public sealed class MicrosecondConverter : JsonConverter<DateTimeOffset>
{
    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture));
    }
}
