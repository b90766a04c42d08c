using System.Collections.Immutable;
using Cluster.Engine.Scopes;
using Cluster.Engine.Storage;
using Cluster.Storage.Postgres;
using Cluster.Storage.Sql;
using Npgsql;

namespace Cluster.Storage.Retention;

/// <summary>Takes away what PostgreSQL need not keep any longer. Its server uses the pages again when it has vacuumed the tables, which it does by itself.</summary>
/// <param name="dataSource">The database, migrated by <see cref="PostgresMigrator"/>.</param>
/// <param name="tenant">Whose sessions and runs.</param>
public sealed class PostgresRetention(NpgsqlDataSource dataSource, TenantId tenant) : IRetentionStore, IRetentionRows
{
    private readonly RetentionStatements _statements = new(SqlDialect.Postgres, tenant);

    private readonly PostgresDatabase _database = new(dataSource);

    /// <inheritdoc/>
    public async Task<RetentionStep> PruneAsync(RetentionQuery query, RetentionCursor? after, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var step = await new RetentionSteps(this, query).TakeAsync(after, cancellationToken);
        if (query is { AcceptedBefore: not null, IsDryRun: false } && step.Next is null)
        {
            while ((await QueryAsync(_statements.ToDeleteApprovals(query).Append(" RETURNING 1"), _ => true, cancellationToken)).Count == query.StepSize)
            {
                // There may be more.
            }
        }

        return step;
    }

    /// <inheritdoc/>
    public async Task<long?> FindNewestAsync(string componentId, int count, CancellationToken cancellationToken = default) =>
        await QueryAsync(_statements.ToNewest(componentId, count), row => row.GetInt64(0), cancellationToken) is [var sequence, ..] ? sequence : null;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ListComponentsAsync(CancellationToken cancellationToken = default) =>
        await QueryAsync(_statements.ToComponents(), row => row.GetString(0), cancellationToken);

    async Task<IReadOnlyList<SessionRow>> IRetentionRows.ReadPageAsync(RetentionQuery query, RetentionCursor? after, int limit, CancellationToken cancellationToken) => await QueryAsync(
        _statements.ToPage(query, after, limit), row => new SessionRow(row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetBoolean(3), row.GetBoolean(4)), cancellationToken);

    async Task<ImmutableArray<CandidateRun>> IRetentionRows.ReadCandidatesAsync(RetentionQuery query, string sessionId, long after, int limit, CancellationToken cancellationToken) =>
        [.. await QueryAsync(_statements.ToCandidates(query, sessionId, after, limit), row => new CandidateRun(row.GetInt64(0), row.GetString(1)), cancellationToken)];

    Task<(long Runs, long Sessions)> IRetentionRows.RemoveAsync(string sessionId, ImmutableArray<string> runIds, bool onlyCounts, CancellationToken cancellationToken) => _database.RunAsync(
        (connection, token) => onlyCounts ? CountAsync(connection, sessionId, runIds, token) : RemoveAsync(connection, sessionId, runIds, token), cancellationToken);

    private async Task<ImmutableArray<string>> FindTreesAsync(NpgsqlConnection connection, ImmutableArray<string> runIds, CancellationToken cancellationToken) =>
        RunTrees.Settled(await _statements.ToTrees(runIds).QueryAsync(connection, row => (row.GetString(0), row.GetString(1), row.GetBoolean(2)), cancellationToken));

    private async Task<(long Runs, long Sessions)> CountAsync(NpgsqlConnection connection, string sessionId, ImmutableArray<string> runIds, CancellationToken cancellationToken)
    {
        var gone = await FindTreesAsync(connection, runIds, cancellationToken);
        var all = await _statements.ToCount(sessionId).QueryAsync(connection, row => row.GetInt64(0), cancellationToken);
        return (gone.Length, all[0] == gone.Length ? 1 : 0);
    }

    /// <summary>The lock of the session keeps runs from coming into it. Those that are there may still go on meanwhile: a run that has not settled any longer undoes the step.</summary>
    private async Task<(long Runs, long Sessions)> RemoveAsync(NpgsqlConnection connection, string sessionId, ImmutableArray<string> runIds, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await new Statement("SELECT 1 FROM sessions WHERE tenant_id = $1 AND session_id = $2 FOR UPDATE").Add(tenant).Add(ColumnType.Text, sessionId).ExecuteAsync(connection, cancellationToken);
        var gone = await FindTreesAsync(connection, runIds, cancellationToken);
        if (!gone.IsEmpty)
        {
            await _statements.ToDeleteEvents(gone).ExecuteAsync(connection, cancellationToken);
            if ((await _statements.ToDeleteRuns(gone).QueryAsync(connection, _ => true, cancellationToken)).Count < gone.Length)
            {
                return (0, 0);
            }
        }

        var sessions = gone.IsEmpty && !runIds.IsEmpty
            ? []
            : await _statements.ToDeleteSession(sessionId).Append(" RETURNING 1").QueryAsync(connection, _ => true, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (gone.Length, sessions.Count);
    }

    private Task<List<TRow>> QueryAsync<TRow>(Statement statement, Func<NpgsqlDataReader, TRow> read, CancellationToken cancellationToken) =>
        _database.RunAsync((connection, token) => statement.QueryAsync(connection, read, token), cancellationToken);
}
