using System.Buffers;
using System.Data.Common;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cluster.Storage.Maintenance;

namespace Cluster.Storage.Transfer;

/// <summary>Writes a store as lines of JSON: the first says what follows, each further one is a row, and the last tells that nothing is missing. One row is in memory at a time.</summary>
/// <param name="source">The store.</param>
/// <param name="target">Where to.</param>
/// <param name="progress">Hears how far it is.</param>
internal sealed class StoreExport(IStoreSource source, Stream target, IProgress<StoreProgress> progress)
{
    /// <summary>What the first line calls itself.</summary>
    public const string Format = "cluster-store";

    /// <summary>The version of the lines. Whoever changes what they mean raises it, and goes on reading the older ones.</summary>
    public const int Version = 1;

    /// <summary>Bytes wait for each other up to this number before they are written.</summary>
    private const int BufferBytes = 1 << 18;

    private const int RowsBetweenReports = 1_000;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _buffer = new(BufferBytes);

    /// <summary>Writes everything.</summary>
    /// <param name="at">When this is, in Unix seconds.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>How many rows were written.</returns>
    /// <exception cref="InvalidDataException">A row cannot be read, or belongs to nothing.</exception>
    public async Task<long> WriteAsync(long at, CancellationToken cancellationToken)
    {
        var counts = new List<long>(StoredTables.All.Length);
        foreach (var table in StoredTables.All)
        {
            counts.Add(await source.CountAsync(table, cancellationToken));
        }

        WriteLine(line =>
        {
            line.WriteString("format", Format);
            line.WriteNumber("version", Version);
            line.WriteNumber("exported_at", at);
            WriteCounts(line, "rows", counts);
        });
        foreach (var (index, table) in StoredTables.All.Index())
        {
            await WriteAsync(table, counts[index], cancellationToken);
        }

        WriteLine(line => WriteCounts(line, "end", counts));
        await FlushAsync(cancellationToken);
        return counts.Sum();
    }

    private static void WriteCounts(Utf8JsonWriter line, string name, List<long> counts)
    {
        line.WriteStartObject(name);
        foreach (var (index, table) in StoredTables.All.Index())
        {
            line.WriteNumber(table.Name, counts[index]);
        }

        line.WriteEndObject();
    }

    private async Task WriteAsync(StoredTable table, long total, CancellationToken cancellationToken)
    {
        var done = 0L;
        await foreach (var row in source.ReadAsync(table, cancellationToken))
        {
            WriteLine(line =>
            {
                line.WriteStartObject(table.Line);
                WriteFields(line, table, row);
                line.WriteEndObject();
            });
            if (++done % RowsBetweenReports == 0)
            {
                progress.Report(new StoreProgress($"export {table.Name}", done, total, "rows"));
            }

            if (_buffer.WrittenCount >= BufferBytes)
            {
                await FlushAsync(cancellationToken);
            }
        }

        progress.Report(new StoreProgress($"export {table.Name}", done, total, "rows"));
    }

    private void WriteFields(Utf8JsonWriter line, StoredTable table, DbDataReader row)
    {
        for (var column = 0; column < table.Fields.Length; column++)
        {
            var field = table.Fields[column];
            if (!row.IsDBNull(column))
            {
                line.WritePropertyName(field.Name);
                WriteField(line, table, field, row, column);
            }
            else if (field.IsRequired)
            {
                throw new InvalidDataException($"A row of {table.Name} has no {field.Name}, so it belongs to nothing. See what `store check` says.");
            }
        }
    }

    private void WriteField(Utf8JsonWriter line, StoredTable table, StoredField field, DbDataReader row, int column)
    {
        switch (field.Kind)
        {
            case FieldKind.Text:
                line.WriteStringValue(row.GetString(column));
                break;
            case FieldKind.Boolean:
                line.WriteBooleanValue(row.GetBoolean(column));
                break;
            case FieldKind.Json:
                line.WriteRawValue(Documents.ToLine(row.GetFieldValue<byte[]>(column), table, field), skipInputValidation: true);
                break;
            case FieldKind.Texts:
                line.WriteRawValue(Documents.ToLine(source.ReadTexts(row, column), table, field), skipInputValidation: true);
                break;
            default:
                line.WriteNumberValue(row.GetInt64(column));
                break;
        }
    }

    private void WriteLine(Action<Utf8JsonWriter> write)
    {
        using (var line = new Utf8JsonWriter(_buffer, Options))
        {
            line.WriteStartObject();
            write(line);
            line.WriteEndObject();
        }

        _buffer.Write("\n"u8);
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        await target.WriteAsync(_buffer.WrittenMemory, cancellationToken);
        _buffer.ResetWrittenCount();
    }
}
