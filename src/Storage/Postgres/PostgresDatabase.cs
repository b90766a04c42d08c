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
                await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
                return await work(connection, cancellationToken);
            }
            catch (NpgsqlException exception) when (isRepeatable && attempt < MaxTries && PostgresErrors.IsWorthRepeating(exception))
            {
                // Where one connection of the pool was cut, the others usually were too.
                if (exception.SqlState is not (PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation))
                {
                    dataSource.Clear();
                }
            }
            catch (Exception exception) when (PostgresErrors.Translate(exception, Name) is { } translated)
            {
                if (exception is PostgresException)
                {
                    // Npgsql 10 takes a statement for prepared although the execution that was to prepare it was refused, and then cannot read the
                    // next answer on that connection. No connection that was open now is used again.
                    dataSource.Clear();
                }

                throw translated;
            }
        }
    }

    private static string Describe(NpgsqlConnectionStringBuilder connection) => $"{connection.Host}:{connection.Port}, database '{connection.Database}'";
}
