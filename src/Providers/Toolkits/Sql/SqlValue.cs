using System.Globalization;
using Npgsql;
using Npgsql.PostgresTypes;

namespace Cluster.Providers.Toolkits.Sql;

/// <summary>Turns values of PostgreSQL into values of JSON. Of a value that is too long, no more than is shown is ever in memory.</summary>
internal static class SqlValue
{
    private const int ShownBytes = 64;
    private const int LeastBytes = 16 * 1024;
    private const int BytesPerLetter = 8;

    /// <summary>Reads a value. Those of a row have to be read in their order.</summary>
    /// <param name="reader">Where it is.</param>
    /// <param name="column">Its column.</param>
    /// <param name="maxLetters">How many letters of a long text are kept.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static async Task<object?> ReadAsync(NpgsqlDataReader reader, int column, int maxLetters, CancellationToken cancellationToken)
    {
        if (await reader.IsDBNullAsync(column, cancellationToken))
        {
            return null;
        }

        try
        {
            var type = reader.GetFieldType(column);
            if (type == typeof(string) && reader.GetPostgresType(column) is PostgresEnumType)
            {
                return reader.GetString(column);
            }

            if (type == typeof(string))
            {
                using var text = await reader.GetTextReaderAsync(column, cancellationToken);
                return await BoundedRead.ShortenAsync(text, maxLetters, "Ask for a part of it.", cancellationToken);
            }

            // The length comes before the value, which is not read for it.
            var length = LengthOf(reader, column);
            return type == typeof(byte[]) ? await ReadBytesAsync(reader, column, length, cancellationToken)
                : length > Math.Max(LeastBytes, (long)maxLetters * BytesPerLetter) ? $"[a value of type {reader.GetDataTypeName(column)} with {length} bytes; ask for a part of it]"
                : ToJson(reader.GetValue(column), maxLetters);
        }
        catch (Exception unreadable) when (unreadable is InvalidCastException or NotSupportedException or OverflowException)
        {
            return $"[a value of type {reader.GetDataTypeName(column)}; cast it to text to read it]";
        }
    }

    /// <summary>Types that were made in the database and nobody told us of have no length here; they are read as they are.</summary>
    private static long LengthOf(NpgsqlDataReader reader, int column)
    {
        try
        {
            return reader.GetBytes(column, 0, null, 0, 0);
        }
        catch (InvalidCastException)
        {
            return 0;
        }
    }

    private static async Task<string> ReadBytesAsync(NpgsqlDataReader reader, int column, long length, CancellationToken cancellationToken)
    {
        await using var stream = await reader.GetStreamAsync(column, cancellationToken);
        var shown = new byte[Math.Min(length, ShownBytes)];
        await stream.ReadExactlyAsync(shown, cancellationToken);
        return $"\\x{Convert.ToHexStringLower(shown)}{(length > ShownBytes ? $"… ({length} bytes)" : string.Empty)}";
    }

    /// <summary>What a function without a result gives is null here, and not in the database.</summary>
    private static object? ToJson(object? value, int maxLetters) => value switch
    {
        null or DBNull => null,
        string text => BoundedRead.Shorten(text, maxLetters, "Ask for a part of it."),
        bool or short or int or long or decimal => value,
        double number when double.IsFinite(number) => number,
        float number when float.IsFinite(number) => number,
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime { Kind: DateTimeKind.Utc } time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        byte[] bytes => $"\\x{Convert.ToHexStringLower(bytes.AsSpan(0, Math.Min(bytes.Length, ShownBytes)))}{(bytes.Length > ShownBytes ? $"… ({bytes.Length} bytes)" : string.Empty)}",
        Array array => array.Cast<object?>().Select(item => ToJson(item, maxLetters)).ToArray(),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? string.Empty,
    };
}
