using System.Text;
using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Storage.Postgres;
using Cluster.Storage.Sql;
using Cluster.Storage.Transfer;
using Npgsql;
using NpgsqlTypes;

namespace Cluster.Storage.Maintenance;

/// <summary>A database of PostgreSQL that takes everything in, in one transaction.</summary>
internal sealed class PostgresTarget : IStoreTarget
{
    private const string Orphans =
        "SELECT 'The run ' || r.run_id || ' belongs to a session that is not there.' FROM runs r WHERE NOT EXISTS (SELECT FROM sessions s WHERE s.session_id = r.session_id) "
        + "UNION ALL SELECT 'Events belong to the run ' || e.run_id || ', which is not there.' FROM run_events e WHERE NOT EXISTS (SELECT FROM runs r WHERE r.run_id = e.run_id) LIMIT 1";

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private PostgresTarget(NpgsqlConnection connection, NpgsqlTransaction transaction) => (_connection, _transaction) = (connection, transaction);

    /// <summary>Begins, and keeps everybody from writing meanwhile.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">Its transaction, which the caller ends when this does not.</param>
    /// <param name="server">The server's name, for messages.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The target.</returns>
    public static async Task<PostgresTarget> OpenAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string server, CancellationToken cancellationToken)
    {
        var names = StoredTables.All.Select(table => table.Name).ToArray();
        await new Statement($"LOCK TABLE {string.Join(", ", names)} IN SHARE ROW EXCLUSIVE MODE").ExecuteAsync(connection, cancellationToken);
        var any = new Statement($"SELECT {string.Join(" OR ", names.Select(name => $"EXISTS (SELECT FROM {name})"))}");
        return (await any.QueryAsync(connection, row => row.GetBoolean(0), cancellationToken))[0]
            ? throw StoreImport.NotEmpty($"The store in PostgreSQL at {server}")
            : new PostgresTarget(connection, transaction);
    }

    /// <inheritdoc/>
    public async Task WriteAsync(StoredTable table, IAsyncEnumerable<object?[]> rows, CancellationToken cancellationToken)
    {
        try
        {
            await CopyAsync(table, rows, cancellationToken);
        }
        catch (PostgresException error) when (error.SqlState.StartsWith("23", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"A row of {table.Name} cannot be kept: {error.MessageText}. Nothing was taken in.", error);
        }
    }

    /// <inheritdoc/>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        if ((await new Statement(Orphans).QueryAsync(_connection, row => row.GetString(0), cancellationToken)) is [var orphan, ..])
        {
            throw new InvalidDataException($"{orphan} Nothing was taken in.");
        }

        foreach (var (name, counter) in StoredTables.All.Where(table => table.Counter is not null).Select(table => (table.Name, table.Counter!)))
        {
            await new Statement($"SELECT setval(pg_get_serial_sequence('{name}', '{counter}'), max({counter})) FROM {name} HAVING max({counter}) > 0").ExecuteAsync(_connection, cancellationToken);
        }

        await _transaction.CommitAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task CopyAsync(StoredTable table, IAsyncEnumerable<object?[]> rows, CancellationToken cancellationToken)
    {
        var columns = table.Fields.Select(field => field.Name).Concat(table.Folded.Select(folded => folded.Column));
        if (table.PostgresUuid is { } uuid)
        {
            columns = columns.Append(uuid);
        }

        await using var copy = await _connection.BeginBinaryImportAsync($"COPY {table.Name} ({string.Join(", ", columns)}) FROM STDIN (FORMAT BINARY)", cancellationToken);
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            await copy.StartRowAsync(cancellationToken);
            for (var i = 0; i < row.Length; i++)
            {
                await WriteAsync(copy, table.Fields[i].Kind, row[i], cancellationToken);
            }

            foreach (var (_, field) in table.Folded)
            {
                await WriteAsync(copy, FoldedText.Of(table, row, field), NpgsqlDbType.Bytea, cancellationToken);
            }

            if (table.PostgresUuid is not null)
            {
                await copy.WriteAsync(Guid.NewGuid(), NpgsqlDbType.Uuid, cancellationToken);
            }
        }

        await copy.CompleteAsync(cancellationToken);
    }

    private static Task WriteAsync(NpgsqlBinaryImporter copy, FieldKind kind, object? value, CancellationToken cancellationToken) => kind switch
    {
        FieldKind.Text => WriteAsync(copy, value as string, NpgsqlDbType.Text, cancellationToken),
        FieldKind.Json => WriteAsync(copy, value as byte[], NpgsqlDbType.Json, cancellationToken),
        FieldKind.Number => WriteAsync(copy, value, NpgsqlDbType.Bigint, cancellationToken),
        FieldKind.SmallNumber => WriteAsync(copy, value, NpgsqlDbType.Integer, cancellationToken),
        FieldKind.Boolean => WriteAsync(copy, value, NpgsqlDbType.Boolean, cancellationToken),
        _ => WriteAsync(copy, ToTexts(value as byte[]), NpgsqlDbType.Array | NpgsqlDbType.Bytea, cancellationToken),
    };

    private static Task WriteAsync<T>(NpgsqlBinaryImporter copy, T? value, NpgsqlDbType type, CancellationToken cancellationToken)
        where T : class => value is null ? copy.WriteNullAsync(cancellationToken) : copy.WriteAsync(value, type, cancellationToken);

    private static byte[][]? ToTexts(byte[]? json) =>
        json is null ? null : [.. (JsonSerializer.Deserialize(json, EngineJson.Context.StringArray) ?? []).Select(Encoding.UTF8.GetBytes)];
}
