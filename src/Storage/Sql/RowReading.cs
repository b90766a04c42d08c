using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Cluster.Storage.Sql;

/// <summary>Reads the values of rows.</summary>
internal static class RowReading
{
    /// <summary>Reads a text.</summary>
    /// <param name="row">The row.</param>
    /// <param name="column">The column, from 0.</param>
    /// <returns>The text; null for SQL's null.</returns>
    public static string? GetText(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    /// <summary>Reads a document.</summary>
    /// <typeparam name="TValue">What it is.</typeparam>
    /// <param name="row">The row.</param>
    /// <param name="column">The column, from 0.</param>
    /// <param name="type">How it is read.</param>
    /// <returns>The value; null for SQL's null.</returns>
    public static TValue? GetJson<TValue>(this DbDataReader row, int column, JsonTypeInfo<TValue> type)
        where TValue : class => row.IsDBNull(column) ? null : JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(column), type);

    /// <summary>Reads a document of any form.</summary>
    /// <param name="row">The row.</param>
    /// <param name="column">The column, from 0.</param>
    /// <returns>The document; null for SQL's null.</returns>
    public static JsonElement? GetElement(this DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : JsonElement.Parse(row.GetFieldValue<byte[]>(column));
}
