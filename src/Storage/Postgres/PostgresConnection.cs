using Cluster.Engine.Errors;
using Npgsql;

namespace Cluster.Storage.Postgres;

/// <summary>Opens databases with what the store relies on.</summary>
public static class PostgresConnection
{
    /// <summary>The name under which ADO.NET's libraries know Npgsql.</summary>
    public const string Invariant = "Npgsql";

    private const int MaxConnections = 20;

    /// <summary>No statement of the store works long enough to be worth compiling; the functions say so again, because poolers may leave options out.</summary>
    private static readonly (string Setting, string Value)[] Settings = [("synchronous_commit", "on"), ("jit", "off")];

    /// <summary>
    /// Makes a data source. Unless the connection string says otherwise, commits wait for the server's disk even where its default is not to,
    /// statements are prepared and not compiled, at most 20 connections are open, and one that goes back to the pool is not reset, because the store leaves nothing behind on it.
    /// </summary>
    /// <param name="connectionString">Npgsql's connection string.</param>
    /// <param name="adapt">Changes the connection for what a caller needs of its own; null for nothing.</param>
    /// <returns>The data source, which the caller disposes.</returns>
    /// <exception cref="InvalidRequestException">The connection string cannot be understood.</exception>
    public static NpgsqlDataSource CreateDataSource(string connectionString, Action<NpgsqlConnectionStringBuilder>? adapt = null)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        try
        {
            var connection = new NpgsqlConnectionStringBuilder(connectionString);
            foreach (var (setting, value) in Settings)
            {
                if (connection.Options?.Contains(setting, StringComparison.Ordinal) != true)
                {
                    connection.Options = $"{connection.Options} -c {setting}={value}".TrimStart();
                }
            }

            // ContainsKey knows every keyword that there is; ShouldSerialize those that were given.
            // A server takes a hundred connections unless told otherwise, and every silo and gateway has a pool.
            connection.MaxPoolSize = connection.ShouldSerialize("Maximum Pool Size") ? connection.MaxPoolSize : MaxConnections;
            connection.MaxAutoPrepare = connection.ShouldSerialize("Max Auto Prepare") ? connection.MaxAutoPrepare : 32;
            connection.NoResetOnClose = !connection.ShouldSerialize("No Reset On Close") || connection.NoResetOnClose;
            connection.ApplicationName ??= "cluster";
            adapt?.Invoke(connection);
            return NpgsqlDataSource.Create(connection);
        }
        catch (ArgumentException exception)
        {
            // Npgsql's own message names the keyword that it does not know, never a value.
            throw new InvalidRequestException($"The connection string of PostgreSQL cannot be understood: {exception.Message}", exception);
        }
    }
}
