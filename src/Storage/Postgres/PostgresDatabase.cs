using Cluster.Engine.Errors;
using Npgsql;

namespace Cluster.Storage.Postgres;

/// <summary>The way to the server: connections, second tries, and failures in words.</summary>
/// <param name="dataSource">The server.</param>
internal sealed class PostgresDatabase(NpgsqlDataSource dataSource)
{
    private const int MaxTries = 3;

    /// <summary>Gets host, port and database for messages; never the password.</summary>
    public string Name { get; } = Describe(new NpgsqlConnectionStringBuilder(dataSource.ConnectionString));

    /// <summary>
    /// Runs work. When its connection breaks or another transaction was first, it is sent again at once: it must recognise
    /// a write that had arrived although its answer was lost.
    /// </summary>
    /// <typeparam name="TResult">What the work yields.</typeparam>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <param name="isRepeatable">False for work that must not be sent twice.</param>
    /// <returns>The result of the work.</returns>
    /// <exception cref="UnavailableException">The server is away.</exception>
    public async Task<TResult> RunAsync<TResult>(Func<NpgsqlConnection, CancellationToken, Task<TResult>> work, CancellationToken cancellationToken, bool isRepeatable = true)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TryAsync(work, cancellationToken);
            }
            catch (NpgsqlException exception) when (isRepeatable && attempt < MaxTries && PostgresErrors.IsWorthRepeating(exception))
            {
                // The next try is on another connection.
            }
            catch (Exception exception) when (PostgresErrors.Translate(exception, Name) is { } translated)
            {
                throw translated;
            }
        }
    }

    /// <summary>Works once. A server that lets nobody in says nothing of the connections that are open.</summary>
    private async Task<TResult> TryAsync<TResult>(Func<NpgsqlConnection, CancellationToken, Task<TResult>> work, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        try
        {
            return await work(connection, cancellationToken);
        }
        catch (NpgsqlException exception) when (PostgresErrors.SpoilsConnections(exception))
        {
            // Connections that are open now are not used again, this one included.
            dataSource.Clear();
            throw;
        }
    }

    private static string Describe(NpgsqlConnectionStringBuilder connection) => $"{connection.Host}:{connection.Port}, database '{connection.Database}'";
}
