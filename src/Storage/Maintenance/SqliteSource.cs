using System.Data.Common;
using Cluster.Storage.Sql;
using Cluster.Storage.Sqlite;
using Cluster.Storage.Transfer;

namespace Cluster.Storage.Maintenance;

/// <summary>A database of SQLite at one moment.</summary>
/// <param name="connection">The connection, which is closed with this.</param>
internal sealed class SqliteSource(PreparedConnection connection) : IStoreSource
{
    private bool _hasBegun;

    /// <inheritdoc/>
    public Task<long> CountAsync(StoredTable table, CancellationToken cancellationToken)
    {
        Begin();
        return Task.FromResult(connection.Number(new Statement($"SELECT count(*) FROM {table.Name}"))!.Value);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<DbDataReader> ReadAsync(StoredTable table, CancellationToken cancellationToken)
    {
        Begin();
        var columns = string.Join(", ", table.Fields.Select(field => field.SqliteRead ?? $"t.{field.Name}"));
        return connection.Rows(new Statement($"SELECT {columns} FROM {table.Name} t{table.SqliteJoin} ORDER BY {table.SqliteOrder}")).ToAsyncEnumerable();
    }

    /// <inheritdoc/>
    public byte[] ReadTexts(DbDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    public ValueTask DisposeAsync()
    {
        connection.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The first question decides which moment it is.</summary>
    private void Begin()
    {
        if (!_hasBegun)
        {
            connection.Execute("BEGIN");
            _hasBegun = true;
        }
    }
}
