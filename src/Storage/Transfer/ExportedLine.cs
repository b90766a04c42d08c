using System.Buffers;
using System.Text.Json;

namespace Cluster.Storage.Transfer;

/// <summary>Reads one line of an export.</summary>
internal static class ExportedLine
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = Documents.MaxDepth };

    /// <summary>Reads the first line.</summary>
    /// <param name="line">The line.</param>
    /// <returns>How many rows of each table follow.</returns>
    /// <exception cref="InvalidDataException">It is no export, or that of a newer program.</exception>
    public static long[] ReadHeader(ReadOnlySequence<byte> line)
    {
        var reader = Open(line, "format");
        if (reader.TokenType != JsonTokenType.String || !reader.ValueTextEquals(StoreExport.Format))
        {
            throw new InvalidDataException("It is no export of a store.");
        }

        var totals = new long[StoredTables.All.Length];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            if (name == "version" && reader.GetInt32() is var version && version != StoreExport.Version)
            {
                throw new InvalidDataException($"It has version {version}, and this program knows version {StoreExport.Version}. Use a newer program.");
            }

            if (name == "rows")
            {
                totals = ReadCounts(ref reader);
            }

            reader.Skip();
        }

        return totals;
    }

    /// <summary>Reads the last line.</summary>
    /// <param name="line">The line.</param>
    /// <returns>How many rows of each table there are.</returns>
    /// <exception cref="InvalidDataException">It is another line.</exception>
    public static long[] ReadEnd(ReadOnlySequence<byte> line)
    {
        var reader = Open(line, "end");
        return ReadCounts(ref reader);
    }

    /// <summary>Reads a row.</summary>
    /// <param name="line">The line.</param>
    /// <param name="table">The table.</param>
    /// <returns>The values of the table's fields; null when the line is none of that table.</returns>
    /// <exception cref="InvalidDataException">The row cannot be one of the table.</exception>
    public static object?[]? ReadRow(ReadOnlySequence<byte> line, StoredTable table)
    {
        var reader = new Utf8JsonReader(line, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject || !reader.Read() || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals(table.Line))
        {
            return null;
        }

        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidDataException($"A row of {table.Name} is an object.");
        }

        var row = new object?[table.Fields.Length];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var index = FindField(ref reader, table);
            reader.Read();
            row[index] = ReadValue(ref reader, line, table.Fields[index]);
        }

        Finish(ref reader);
        for (var i = 0; i < row.Length; i++)
        {
            if (row[i] is null && table.Fields[i].IsRequired)
            {
                throw new InvalidDataException($"A row of {table.Name} has no {table.Fields[i].Name}.");
            }
        }

        return row;
    }

    private static Utf8JsonReader Open(ReadOnlySequence<byte> line, string name)
    {
        var reader = new Utf8JsonReader(line, Options);
        if (line.IsEmpty || !reader.Read() || reader.TokenType != JsonTokenType.StartObject || !reader.Read() || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals(name))
        {
            throw new InvalidDataException($"It is not what belongs here: the member '{name}' is missing.");
        }

        reader.Read();
        return reader;
    }

    private static long[] ReadCounts(ref Utf8JsonReader reader)
    {
        var counts = new long[StoredTables.All.Length];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            counts[FindTable(name)] = reader.GetInt64();
        }

        return counts;
    }

    private static int FindTable(string name)
    {
        foreach (var (index, table) in StoredTables.All.Index())
        {
            if (table.Name == name)
            {
                return index;
            }
        }

        throw new InvalidDataException($"It holds {name}, of which this program knows nothing. Use a newer program.");
    }

    private static int FindField(ref Utf8JsonReader reader, StoredTable table)
    {
        for (var i = 0; i < table.Fields.Length; i++)
        {
            if (reader.ValueTextEquals(table.Fields[i].Name))
            {
                return i;
            }
        }

        throw new InvalidDataException($"Rows of {table.Name} have no '{reader.GetString()}' in this program.");
    }

    private static object? ReadValue(ref Utf8JsonReader reader, ReadOnlySequence<byte> line, StoredField field) => field.Kind switch
    {
        FieldKind.Text => ReadText(ref reader, field),
        FieldKind.Number => reader.GetInt64(),
        FieldKind.SmallNumber => reader.GetInt32(),
        FieldKind.Boolean => reader.GetBoolean(),
        _ => ReadDocument(ref reader, line),
    };

    private static string? ReadText(ref Utf8JsonReader reader, StoredField field)
    {
        var text = reader.GetString();
        return text?.Contains('\0', StringComparison.Ordinal) == true ? throw new InvalidDataException($"The {field.Name} holds a NUL.") : text;
    }

    private static byte[] ReadDocument(ref Utf8JsonReader reader, ReadOnlySequence<byte> line)
    {
        var start = reader.TokenStartIndex;
        reader.Skip();
        return line.Slice(start, reader.BytesConsumed - start).ToArray();
    }

    /// <summary>Nothing may follow the row.</summary>
    private static void Finish(ref Utf8JsonReader reader)
    {
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.EndObject)
            {
                throw new InvalidDataException("A line holds one row.");
            }
        }
    }
}
