using System.Collections.Immutable;
using Cluster.Engine.Scopes;
using Cluster.Engine.Storage;
using Cluster.Storage.Sql;
using Cluster.Storage.Sqlite;

namespace Cluster.Storage.Retention;

/// <summary>Takes away what SQLite need not keep any longer. The pages are used again; <c>store compact</c> gives them back.</summary>
/// <param name="database">The database, which it does not own.</param>
/// <param name="tenant">Whose sessions and runs.</param>
public sealed class SqliteRetention(SqliteDatabase database, TenantId tenant) : IRetentionStore, IRetentionRows
{
    private readonly RetentionStatements _statements = new(SqlDialect.Sqlite, tenant);

    /// <inheritdoc/>
    public async Task<RetentionStep> PruneAsync(RetentionQuery query, RetentionCursor? after, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var step = await new RetentionSteps(this, query).TakeAsync(after, cancellationToken);
        if (query is { AcceptedBefore: not null, IsDryRun: false } && step.Next is null)
        {
            while (await database.WriteAsync(connection => connection.Execute(_statements.ToDeleteApprovals(query)), cancellationToken) == query.StepSize)
            {
                // There may be more.
            }
        }

        return step;
    }

    /// <inheritdoc/>
    public Task<long?> FindNewestAsync(string componentId, int count, CancellationToken cancellationToken = default) =>
        Task.FromResult(database.Read(connection => connection.Number(_statements.ToNewest(componentId, count))));

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListComponentsAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<string>>(database.Query(_statements.ToComponents(), row => row.GetString(0)));

    Task<IReadOnlyList<SessionRow>> IRetentionRows.ReadPageAsync(RetentionQuery query, RetentionCursor? after, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<SessionRow>>(database.Query(
            _statements.ToPage(query, after, limit), row => new SessionRow(row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetBoolean(3), row.GetBoolean(4))));

    Task<ImmutableArray<CandidateRun>> IRetentionRows.ReadCandidatesAsync(RetentionQuery query, string sessionId, long after, int limit, CancellationToken cancellationToken) =>
        Task.FromResult(database.Query(_statements.ToCandidates(query, sessionId, after, limit), row => new CandidateRun(row.GetInt64(0), row.GetString(1))).ToImmutableArray());

    Task<(long Runs, long Sessions)> IRetentionRows.RemoveAsync(string sessionId, ImmutableArray<string> runIds, bool onlyCounts, CancellationToken cancellationToken) => onlyCounts
        ? Task.FromResult(database.Read(connection => Count(connection, sessionId, runIds)))
        : database.WriteAsync(connection => Remove(connection, sessionId, runIds), cancellationToken);

    private ImmutableArray<string> FindTrees(PreparedConnection connection, ImmutableArray<string> runIds) =>
        RunTrees.Settled(connection.Query(_statements.ToTrees(runIds), row => (row.GetString(0), row.GetString(1), row.GetBoolean(2))));

    private (long Runs, long Sessions) Count(PreparedConnection connection, string sessionId, ImmutableArray<string> runIds)
    {
        var gone = FindTrees(connection, runIds);
        return (gone.Length, connection.Number(_statements.ToCount(sessionId)) == gone.Length ? 1 : 0);
    }

    private (long Runs, long Sessions) Remove(PreparedConnection connection, string sessionId, ImmutableArray<string> runIds)
    {
        var gone = FindTrees(connection, runIds);
        if (!gone.IsEmpty)
        {
            connection.Execute(_statements.ToDeleteEvents(gone));
            connection.Query(_statements.ToDeleteRuns(gone), _ => true);
        }

        return (gone.Length, gone.IsEmpty && !runIds.IsEmpty ? 0 : connection.Execute(_statements.ToDeleteSession(sessionId)));
    }
}
