using System.Globalization;
using Npgsql;

namespace Cluster.Providers.Toolkits.Sql;

/// <summary>Turns values of PostgreSQL into values of JSON.</summary>
internal static class SqlValue
{
    private const int ShownBytes = 64;

    /// <summary>Reads a value.</summary>
    /// <param name="reader">Where it is.</param>
    /// <param name="column">Its column.</param>
    /// <param name="maxLetters">How many letters of a long text are kept.</param>
    public static object? Read(NpgsqlDataReader reader, int column, int maxLetters)
    {
        if (reader.IsDBNull(column))
        {
            return null;
        }

        try
        {
            return ToJson(reader.GetValue(column), maxLetters);
        }
        catch (Exception unreadable) when (unreadable is InvalidCastException or NotSupportedException or OverflowException)
        {
            return $"[a value of type {reader.GetDataTypeName(column)}; cast it to text to read it]";
        }
    }

    private static object ToJson(object value, int maxLetters) => value switch
    {
        string text => BoundedRead.Shorten(text, maxLetters, "Ask for a part of it."),
        bool or short or int or long or decimal => value,
        double number when double.IsFinite(number) => number,
        float number when float.IsFinite(number) => number,
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime { Kind: DateTimeKind.Utc } time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        byte[] bytes => $"\\x{Convert.ToHexStringLower(bytes.AsSpan(0, Math.Min(bytes.Length, ShownBytes)))}{(bytes.Length > ShownBytes ? $"… ({bytes.Length} bytes)" : string.Empty)}",
        Array array => array.Cast<object?>().Select(item => item is null or DBNull ? null : ToJson(item, maxLetters)).ToArray(),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? string.Empty,
    };
}
