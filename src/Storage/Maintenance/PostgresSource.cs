using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Storage.Postgres;
using Cluster.Storage.Sql;
using Cluster.Storage.Transfer;
using Npgsql;

namespace Cluster.Storage.Maintenance;

/// <summary>A database of PostgreSQL at one moment. Rows come as they stand in their tables: an order would have the server sort everything that was ever said.</summary>
/// <param name="connection">A connection in a transaction that sees one moment; it stays open.</param>
internal sealed class PostgresSource(NpgsqlConnection connection) : IStoreSource
{
    /// <inheritdoc/>
    public async Task<long> CountAsync(StoredTable table, CancellationToken cancellationToken) =>
        (await new Statement($"SELECT count(*) FROM {table.Name}").QueryAsync(connection, row => row.GetInt64(0), cancellationToken))[0];

    /// <inheritdoc/>
    public async IAsyncEnumerable<DbDataReader> ReadAsync(StoredTable table, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var statement = new Statement($"SELECT {string.Join(", ", table.Fields.Select(field => field.Name))} FROM {table.Name}");
        await foreach (var row in statement.RowsAsync(connection, cancellationToken))
        {
            yield return row;
        }
    }

    /// <inheritdoc/>
    public byte[] ReadTexts(DbDataReader row, int column) => JsonSerializer.SerializeToUtf8Bytes(
        [.. SqlDialect.Postgres.Lists.Read(row, column)!.Value], EngineJson.Context.StringArray);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
