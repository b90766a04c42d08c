using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Cluster.Storage.Sql;
using Microsoft.Data.Sqlite;

namespace Cluster.Storage.Sqlite;

/// <summary>A connection that keeps its statements prepared. It is used by one caller at a time.</summary>
/// <param name="connection">The connection, open; it is closed with this one.</param>
internal sealed class PreparedConnection(SqliteConnection connection) : IDisposable
{
    /// <summary>A statement keeps what it was given, here and in SQLite, until it is given something else. One that was given more is not kept.</summary>
    private const int MaxKeptBytes = 64 * 1024;

    /// <summary>Statements that are put together from filters could be many; beyond this number they are prepared each time.</summary>
    private const int MaxPrepared = 200;

    private const int StepsBetweenReports = 200_000;

    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);

    /// <summary>Sends a statement and reads what it returns.</summary>
    /// <typeparam name="TRow">What rows are read as.</typeparam>
    /// <param name="statement">The statement.</param>
    /// <param name="read">Reads a row.</param>
    /// <returns>The rows.</returns>
    public List<TRow> Query<TRow>(Statement statement, Func<DbDataReader, TRow> read)
    {
        var command = ToCommand(statement);
        using var rows = command.ExecuteReader();
        var result = new List<TRow>();
        while (rows.Read())
        {
            result.Add(read(rows));
        }

        return result;
    }

    /// <summary>Sends a statement and gives what it returns one row at a time.</summary>
    /// <param name="statement">The statement.</param>
    /// <returns>The same reader for each row.</returns>
    public IEnumerable<DbDataReader> Rows(Statement statement)
    {
        using var rows = ToCommand(statement).ExecuteReader();
        while (rows.Read())
        {
            yield return rows;
        }
    }

    /// <summary>Has somebody told that a long statement is still at work, every some milliseconds.</summary>
    /// <param name="report">Hears of it; false breaks the statement off.</param>
    public void Watch(Func<bool> report) => SQLitePCL.raw.sqlite3_progress_handler(connection.Handle, StepsBetweenReports, _ => report() ? 0 : 1, null);

    /// <summary>Sends a statement and reads the first row that it returns.</summary>
    /// <typeparam name="TRow">What the row is read as.</typeparam>
    /// <param name="statement">The statement.</param>
    /// <param name="read">Reads the row.</param>
    /// <returns>The row; null when there is none.</returns>
    public TRow? Find<TRow>(Statement statement, Func<DbDataReader, TRow> read)
        where TRow : class
    {
        var command = ToCommand(statement);
        using var rows = command.ExecuteReader();
        return rows.Read() ? read(rows) : null;
    }

    /// <summary>Sends a statement and reads the number that it returns.</summary>
    /// <param name="statement">The statement.</param>
    /// <returns>The number; null when there is no row.</returns>
    public long? Number(Statement statement)
    {
        var number = (long?)ToCommand(statement).ExecuteScalar();
        Forget(statement);
        return number;
    }

    /// <summary>Sends a statement that returns nothing.</summary>
    /// <param name="statement">The statement.</param>
    /// <returns>How many rows it changed.</returns>
    public int Execute(Statement statement)
    {
        var changed = ToCommand(statement).ExecuteNonQuery();
        Forget(statement);
        return changed;
    }

    /// <summary>Sends SQL without parameters that is sent often, for instance the end of a transaction.</summary>
    /// <param name="sql">The SQL.</param>
    public void Execute(string sql) => Prepared(sql).ExecuteNonQuery();

    public void Dispose()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        connection.Dispose();
    }

    private void Forget(Statement statement)
    {
        var parameters = statement.Parameters;
        for (var i = 0; i < parameters.Count; i++)
        {
            if (parameters[i].Value is byte[] { Length: > MaxKeptBytes } && _commands.Remove(statement.Sql, out var command))
            {
                command.Dispose();
                return;
            }
        }
    }

    private SqliteCommand ToCommand(Statement statement)
    {
        var command = Prepared(statement.Sql);
        var parameters = statement.Parameters;
        if (command.Parameters.Count != parameters.Count)
        {
            command.Parameters.Clear();
            for (var i = 0; i < parameters.Count; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = string.Create(CultureInfo.InvariantCulture, $"${i + 1}") });
            }
        }

        for (var i = 0; i < parameters.Count; i++)
        {
            command.Parameters[i].Value = parameters[i].Value ?? DBNull.Value;
        }

        return command;
    }

    [SuppressMessage("Security", "CA2100:Review SQL queries for security vulnerabilities", Justification = "The SQL is made of constants; values are parameters.")]
    private SqliteCommand Prepared(string sql)
    {
        if (_commands.TryGetValue(sql, out var known))
        {
            return known;
        }

        if (_commands.Count >= MaxPrepared)
        {
            foreach (var old in _commands.Values)
            {
                old.Dispose();
            }

            _commands.Clear();
        }

        var command = connection.CreateCommand();
        command.CommandText = sql;
        return _commands[sql] = command;
    }
}
