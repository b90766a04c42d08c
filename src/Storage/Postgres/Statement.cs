using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Cluster.Storage.Postgres;

/// <summary>SQL with its parameters, which can be sent as often as it takes.</summary>
/// <param name="sql">The SQL, or its beginning. It holds no value of a caller: those are parameters.</param>
internal sealed class Statement(string sql)
{
    private readonly string _start = sql;
    private StringBuilder? _more;
    private readonly List<(NpgsqlDbType Type, object? Value)> _parameters = [];

    /// <summary>Goes on with the SQL.</summary>
    /// <param name="more">What follows.</param>
    /// <returns>This statement.</returns>
    public Statement Append(string more)
    {
        (_more ??= new StringBuilder(_start)).Append(more);
        return this;
    }

    /// <summary>Goes on with SQL that refers to the next parameter as <c>?</c>.</summary>
    /// <param name="more">What follows.</param>
    /// <param name="type">The parameter's type.</param>
    /// <param name="value">The parameter.</param>
    /// <returns>This statement.</returns>
    public Statement Append(string more, NpgsqlDbType type, object value)
    {
        Add(type, value);
        return Append(more.Replace("?", string.Create(CultureInfo.InvariantCulture, $"${_parameters.Count}"), StringComparison.Ordinal));
    }

    /// <summary>Adds the next parameter.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="value">Its value; null for SQL's null.</param>
    /// <returns>This statement.</returns>
    public Statement Add(NpgsqlDbType type, object? value)
    {
        _parameters.Add((type, value));
        return this;
    }

    /// <summary>Adds one value of every item as an array.</summary>
    /// <typeparam name="TItem">The items.</typeparam>
    /// <typeparam name="TValue">The values.</typeparam>
    /// <param name="type">The type of the values.</param>
    /// <param name="items">The items.</param>
    /// <param name="valueOf">Gives the value of an item.</param>
    /// <returns>This statement.</returns>
    public Statement AddColumn<TItem, TValue>(NpgsqlDbType type, IReadOnlyList<TItem> items, Func<TItem, TValue> valueOf)
    {
        var values = new TValue[items.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = valueOf(items[i]);
        }

        return Add(NpgsqlDbType.Array | type, values);
    }

    /// <summary>Goes on with the next parameter, one value of every item as an array.</summary>
    /// <typeparam name="TItem">The items.</typeparam>
    /// <typeparam name="TValue">The values.</typeparam>
    /// <param name="type">The type of the values.</param>
    /// <param name="items">The items.</param>
    /// <param name="valueOf">Gives the value of an item.</param>
    /// <returns>This statement.</returns>
    public Statement AppendColumn<TItem, TValue>(NpgsqlDbType type, IReadOnlyList<TItem> items, Func<TItem, TValue> valueOf) =>
        AddColumn(type, items, valueOf).Append(string.Create(CultureInfo.InvariantCulture, $"${_parameters.Count}"));

    /// <summary>Sends the statement and reads what it returns.</summary>
    /// <typeparam name="TRow">What rows are read as.</typeparam>
    /// <param name="connection">Where to.</param>
    /// <param name="read">Reads a row.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The rows.</returns>
    public async Task<List<TRow>> QueryAsync<TRow>(NpgsqlConnection connection, Func<NpgsqlDataReader, TRow> read, CancellationToken cancellationToken)
    {
        await using var command = ToCommand(connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var result = new List<TRow>();
        while (await rows.ReadAsync(cancellationToken))
        {
            result.Add(read(rows));
        }

        return result;
    }

    /// <summary>Sends the statement, which returns nothing.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A task that ends when it is done.</returns>
    public async Task ExecuteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = ToCommand(connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [SuppressMessage("Security", "CA2100:Review SQL queries for security vulnerabilities", Justification = "The SQL is made of constants; values are parameters.")]
    private NpgsqlCommand ToCommand(NpgsqlConnection connection)
    {
        var command = new NpgsqlCommand(_more?.ToString() ?? _start, connection);
        foreach (var (type, value) in _parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value });
        }

        return command;
    }
}
