using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cluster.Engine.Json;

/// <summary>Reads counts of tokens whatever their size, so that no number that somebody stored makes a record unreadable: one that is too large is the largest.</summary>
public sealed class TokenCountConverter : JsonConverter<long>
{
    /// <inheritdoc/>
    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TryGetInt64(out var count) ? count : reader.TryGetDouble(out var size) ? (long)Math.Clamp(size, 0, (double)long.MaxValue) : 0;

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteNumberValue(value);
    }
}

/// <summary>Reads amounts of money whatever their size: one that is too large is the largest.</summary>
public sealed class CostConverter : JsonConverter<decimal>
{
    /// <inheritdoc/>
    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TryGetDecimal(out var cost) ? cost : reader.TryGetDouble(out var size) && size < 0 ? decimal.MinValue : decimal.MaxValue;

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteNumberValue(value);
    }
}

/// <summary>Writes numbers that JSON has no words for as those that come closest. A model's <c>1e999</c> is read as infinity and has to be written again.</summary>
public sealed class FiniteDoubleConverter : JsonConverter<double>
{
    /// <inheritdoc/>
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => ToFinite(reader.GetDouble());

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteNumberValue(ToFinite(value));
    }

    private static double ToFinite(double value) => double.IsNaN(value) ? 0 : Math.Clamp(value, double.MinValue, double.MaxValue);
}
