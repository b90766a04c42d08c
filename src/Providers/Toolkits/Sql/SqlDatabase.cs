using System.Data;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Cluster.Engine.Errors;
using Npgsql;

namespace Cluster.Providers.Toolkits.Sql;

/// <summary>Runs single statements in transactions.</summary>
/// <param name="options">The database and the limits.</param>
internal sealed class SqlDatabase(SqlToolkitOptions options)
{
    /// <summary>How much longer than the statement the connection waits, so that the server's own limit is the one that is told.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    /// <summary>So many letters of a result are read, whatever the number of its rows and columns; no model would read more.</summary>
    private const long MostLetters = 500_000;

    /// <summary>Reads in a transaction that cannot change anything.</summary>
    /// <param name="sql">The query.</param>
    /// <param name="parameter">The value of <c>$1</c>; null for none.</param>
    /// <param name="cancellationToken">Stops the query.</param>
    public Task<SqlRows> ReadAsync(string sql, string? parameter, CancellationToken cancellationToken) => TellAsync(
        async (connection, token) =>
        {
            await using var transaction = await BeginAsync(connection, "SET TRANSACTION READ ONLY", token);
            return await QueryAsync(connection, new Statement(sql, parameter, MayStop: true), token);
        },
        cancellationToken);

    /// <summary>Runs a statement and keeps what it did.</summary>
    public Task<SqlRows> WriteAsync(string sql, CancellationToken cancellationToken) => TellAsync(
        async (connection, token) =>
        {
            await using var transaction = await BeginAsync(connection, "SET TRANSACTION READ WRITE", token);
            var rows = await QueryAsync(connection, new Statement(sql, null, MayStop: false), token);
            await transaction.CommitAsync(token);
            return rows;
        },
        cancellationToken);

    [SuppressMessage("Security", "CA2100:Review SQL queries for security vulnerabilities", Justification = "Both texts are ours; SET takes no parameters.")]
    private async Task<NpgsqlTransaction> BeginAsync(NpgsqlConnection connection, string mode, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(mode, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
        command.CommandText = string.Create(CultureInfo.InvariantCulture, $"SET LOCAL statement_timeout = {(long)options.Timeout.TotalMilliseconds}");
        await command.ExecuteNonQueryAsync(cancellationToken);
        return transaction;
    }

    private async Task<SqlRows> QueryAsync(NpgsqlConnection connection, Statement statement, CancellationToken cancellationToken)
    {
        // A batch never splits its text at semicolons, as a command may: the server refuses a second statement.
        await using var batch = new NpgsqlBatch(connection);
        var command = new NpgsqlBatchCommand(statement.Sql);
        if (statement.Parameter is { } parameter)
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = parameter });
        }

        batch.BatchCommands.Add(command);
        await using var reader = await batch.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        var columns = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToArray();
        var rows = new List<object?[]>();
        string? truncated = null;
        var letters = 0L;
        while (await reader.ReadAsync(cancellationToken))
        {
            if (rows.Count < options.MaxRows && letters < MostLetters)
            {
                rows.Add(await ReadRowAsync(reader, columns.Length, cancellationToken));
                letters += rows[^1].Sum(value => (value as string)?.Length ?? 0);
                continue;
            }

            if (statement.MayStop)
            {
                // Closing would read all other rows.
                batch.Cancel();
                return new SqlRows(columns, rows) { Truncated = $"There are more than {rows.Count} rows. Add a LIMIT, or ask for something narrower." };
            }

            truncated = $"Only the first {rows.Count} rows are shown. The statement was carried out for all.";
        }

        return new SqlRows(columns, rows) { Truncated = truncated, Changed = reader.RecordsAffected >= 0 ? reader.RecordsAffected : null };
    }

    private async Task<object?[]> ReadRowAsync(NpgsqlDataReader reader, int columns, CancellationToken cancellationToken)
    {
        var row = new object?[columns];
        for (var column = 0; column < columns; column++)
        {
            row[column] = await SqlValue.ReadAsync(reader, column, options.MaxValueLetters, cancellationToken);
        }

        return row;
    }

    /// <summary>Npgsql's own limits, 30 and 15 seconds where nobody names others, would end statements that may take longer and be told as a database out of reach.</summary>
    private static string Unlimited(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { CommandTimeout = 0, Timeout = 0 }.ConnectionString;

    /// <summary>Opens a connection, works on it, and tells what went wrong without the connection's secrets.</summary>
    private async Task<T> TellAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await TimeLimit.RunAsync(
                options.Timeout + Grace,
                "The statement",
                async token =>
                {
                    await using var connection = new NpgsqlConnection(Unlimited(options.ConnectionString));
                    await connection.OpenAsync(token);
                    return await work(connection, token);
                },
                cancellationToken);
        }
        catch (PostgresException refusal) when (refusal.SqlState.StartsWith("28", StringComparison.Ordinal) || refusal.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            throw new UnavailableException("The database does not let this agent in. Whoever runs the agent has to correct the connection string.") { IsForCallers = true };
        }
        catch (PostgresException refusal) when (refusal.MessageText.Contains("multiple commands", StringComparison.Ordinal))
        {
            throw new InvalidRequestException("Only one statement can be run at a time. Take the semicolons away.");
        }
        catch (PostgresException refusal)
        {
            throw new InvalidRequestException($"PostgreSQL refuses the statement: {refusal.MessageText}.{(refusal.Hint is { } hint ? $" {hint}" : string.Empty)} ({refusal.SqlState})");
        }
        catch (NpgsqlException)
        {
            throw new UnavailableException("The database cannot be reached. Try again later.") { IsForCallers = true };
        }
    }

    /// <summary>What is run.</summary>
    /// <param name="Sql">The statement.</param>
    /// <param name="Parameter">The value of <c>$1</c>; null for none.</param>
    /// <param name="MayStop">True when it may be cancelled once there are enough rows. A cancelled write takes its transaction with it, and the commit would do nothing.</param>
    private sealed record Statement(string Sql, string? Parameter, bool MayStop);
}

/// <summary>What a statement gave.</summary>
/// <param name="Columns">The names of the columns.</param>
/// <param name="Rows">The rows, each with a value per column.</param>
internal sealed record SqlRows(IReadOnlyList<string> Columns, IReadOnlyList<object?[]> Rows)
{
    /// <summary>Gets what to do about rows that were left out; null when there are none.</summary>
    public string? Truncated { get; init; }

    /// <summary>Gets how many rows were changed; null when the statement changes none.</summary>
    public int? Changed { get; init; }
}
