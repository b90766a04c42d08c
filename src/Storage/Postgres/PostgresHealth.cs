using Cluster.Engine.Storage;
using Cluster.Storage.Postgres.Claims;
using Cluster.Storage.Sql;
using Npgsql;

namespace Cluster.Storage.Postgres;

/// <summary>Tells whether a database of PostgreSQL is written, and may be.</summary>
/// <param name="dataSource">The database.</param>
/// <param name="batches">Writes.</param>
/// <param name="claim">Whether this process may; null when nobody asks.</param>
public sealed class PostgresHealth(NpgsqlDataSource dataSource, PostgresBatches batches, DatabaseClaim? claim = null) : IStoreHealth
{
    /// <summary>No session of a client can have this id.</summary>
    private const string Insert =
        "INSERT INTO sessions (tenant_id, session_id, session_type, created_at, updated_at) VALUES ('default', '..', 'agent', 0, 0) ON CONFLICT (tenant_id, session_id) DO NOTHING";

    private readonly PostgresDatabase _database = new(dataSource);

    /// <summary>Gets why the claim is gone. Before it was taken the process is not ready for other reasons.</summary>
    private string? Missing => claim is { Times: > 0 } taken ? taken.Missing : null;

    /// <inheritdoc/>
    public string? LastFailure => Missing ?? batches.Outcome.Failure;

    /// <inheritdoc/>
    public async ValueTask<string?> FindFailureAsync(CancellationToken cancellationToken = default) =>
        Missing ?? await batches.Outcome.FindFailureAsync(() => _database.RunAsync(TryAsync, cancellationToken, isRepeatable: false));

    /// <summary>Everything that a run writes to is looked at, and one row is written and taken back.</summary>
    private static async Task<bool> TryAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await new Statement("SELECT (SELECT count(*) FROM (SELECT 1 FROM runs LIMIT 1) r) + (SELECT count(*) FROM (SELECT 1 FROM run_events LIMIT 1) e)").ExecuteAsync(connection, cancellationToken);
        await new Statement(Insert).ExecuteAsync(connection, cancellationToken);
        await transaction.RollbackAsync(cancellationToken);
        return true;
    }
}
