using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Cluster.Storage.Sql;
using Npgsql;
using NpgsqlTypes;

namespace Cluster.Storage.Postgres;

/// <summary>Sends statements to PostgreSQL.</summary>
internal static class PostgresStatements
{
    /// <summary>Sends a statement and reads what it returns.</summary>
    /// <typeparam name="TRow">What rows are read as.</typeparam>
    /// <param name="statement">The statement.</param>
    /// <param name="connection">Where to.</param>
    /// <param name="read">Reads a row.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The rows.</returns>
    public static async Task<List<TRow>> QueryAsync<TRow>(
        this Statement statement, NpgsqlConnection connection, Func<NpgsqlDataReader, TRow> read, CancellationToken cancellationToken)
    {
        await using var command = ToCommand(statement, connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var result = new List<TRow>();
        while (await rows.ReadAsync(cancellationToken))
        {
            result.Add(read(rows));
        }

        return result;
    }

    /// <summary>Sends a statement and gives what it returns one row at a time.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="connection">Where to.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>The same reader for each row.</returns>
    public static async IAsyncEnumerable<NpgsqlDataReader> RowsAsync(
        this Statement statement, NpgsqlConnection connection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = ToCommand(statement, connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            yield return rows;
        }
    }

    /// <summary>Sends a statement that returns nothing.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="connection">Where to.</param>
    /// <param name="timeout">How many seconds it may take; null for as long as the connection says, 0 for as long as it takes.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A task that ends when it is done.</returns>
    public static async Task ExecuteAsync(this Statement statement, NpgsqlConnection connection, CancellationToken cancellationToken, int? timeout = null)
    {
        await using var command = ToCommand(statement, connection);
        command.CommandTimeout = timeout ?? command.CommandTimeout;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [SuppressMessage("Security", "CA2100:Review SQL queries for security vulnerabilities", Justification = "The SQL is made of constants; values are parameters.")]
    private static NpgsqlCommand ToCommand(Statement statement, NpgsqlConnection connection)
    {
        var command = new NpgsqlCommand(statement.Sql, connection);
        foreach (var (type, value, isArray) in statement.Parameters)
        {
            var ownType = isArray ? NpgsqlDbType.Array | ToType(type) : ToType(type);
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = ownType, Value = value ?? DBNull.Value });
        }

        return command;
    }

    private static NpgsqlDbType ToType(ColumnType type) => type switch
    {
        ColumnType.Text => NpgsqlDbType.Text,
        ColumnType.Json => NpgsqlDbType.Json,
        ColumnType.Bytes => NpgsqlDbType.Bytea,
        ColumnType.Long => NpgsqlDbType.Bigint,
        ColumnType.Integer => NpgsqlDbType.Integer,
        ColumnType.Boolean => NpgsqlDbType.Boolean,
        ColumnType.Uuid => NpgsqlDbType.Uuid,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "PostgreSQL has no type for this."),
    };
}
