using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Storage.Sql;
using Cluster.Storage.Sqlite;
using Cluster.Storage.Transfer;
using Microsoft.Data.Sqlite;

namespace Cluster.Storage.Maintenance;

/// <summary>A database of SQLite that takes everything in, in one transaction.</summary>
internal sealed class SqliteTarget : IStoreTarget
{
    private const int Constraint = 19;

    private readonly PreparedConnection _connection;
    private bool _isComplete;

    /// <summary>Begins.</summary>
    /// <param name="connection">The only connection to the database; it stays open.</param>
    public SqliteTarget(PreparedConnection connection)
    {
        _connection = connection;
        connection.Execute("BEGIN IMMEDIATE");
    }

    /// <inheritdoc/>
    public async Task WriteAsync(StoredTable table, IAsyncEnumerable<object?[]> rows, CancellationToken cancellationToken)
    {
        var sql = ToInsert(table);
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            var statement = new Statement(sql);
            for (var i = 0; i < row.Length; i++)
            {
                statement.Add(table.Fields[i].Kind == FieldKind.Text ? ColumnType.Text : ColumnType.Json, row[i]);
            }

            foreach (var (_, field) in table.Folded)
            {
                statement.Add(ColumnType.Bytes, FoldedText.Of(table, row, field));
            }

            Insert(statement, table, row);
        }
    }

    /// <inheritdoc/>
    public Task CompleteAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _connection.Execute("COMMIT");
        _isComplete = true;
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        if (!_isComplete)
        {
            try
            {
                _connection.Execute("ROLLBACK");
            }
            catch (SqliteException)
            {
                // A full disk for instance has ended the transaction already.
            }
        }

        return ValueTask.CompletedTask;
    }

    private void Insert(Statement statement, StoredTable table, object?[] row)
    {
        try
        {
            _connection.Execute(statement);
        }
        catch (SqliteException error) when (error.SqliteErrorCode == Constraint)
        {
            var key = table.Fields.IndexOf(table.Fields.First(field => field.Kind == FieldKind.Text && field.Name != StoredTables.Tenant));
            throw new InvalidDataException($"The row of {table.Name} with the {table.Fields[key].Name} '{row[key]}' belongs to nothing, or is there twice. Nothing was taken in.", error);
        }
    }

    private static string ToInsert(StoredTable table)
    {
        var columns = table.Fields.Where(field => field.IsInSqlite).Select(field => field.SqliteColumn ?? field.Name).Concat(table.Folded.Select(folded => folded.Column));
        var values = table.Fields.Index().Where(field => field.Item.IsInSqlite).Select(field => ToValue(field.Item, $"${field.Index + 1}")).Concat(table.Folded.Select((_, index) => $"${table.Fields.Length + index + 1}"));
        return $"INSERT INTO {table.Name} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", values)})";
    }

    private static string ToValue(StoredField field, string parameter) => field switch
    {
        { SqliteWrite: { } expression } => expression.Replace("?", parameter, StringComparison.Ordinal),
        { Kind: FieldKind.Json or FieldKind.Texts } => $"CAST({parameter} AS TEXT)",
        _ => parameter,
    };
}

/// <summary>Texts as searches in any case compare them.</summary>
internal static class FoldedText
{
    /// <summary>Folds the text of a field that holds a JSON string.</summary>
    /// <param name="table">The table.</param>
    /// <param name="row">The row.</param>
    /// <param name="field">The field's name.</param>
    /// <returns>UTF-8; null for none.</returns>
    public static byte[]? Of(StoredTable table, object?[] row, string field) =>
        row[table.Fields.IndexOf(table.Fields.First(known => known.Name == field))] is byte[] json ? Values.Folded(JsonSerializer.Deserialize(json, EngineJson.Context.String)) : null;
}
