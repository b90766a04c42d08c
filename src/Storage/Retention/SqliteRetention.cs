using System.Collections.Immutable;
using Cluster.Engine.Storage;
using Cluster.Storage.Sql;
using Cluster.Storage.Sqlite;

namespace Cluster.Storage.Retention;

/// <summary>Takes away what SQLite need not keep any longer. The pages are used again; <c>store compact</c> gives them back.</summary>
/// <param name="database">The database, which it does not own.</param>
public sealed class SqliteRetention(SqliteDatabase database) : IRetentionStore, IRetentionRows
{
    private static readonly RetentionStatements Statements = new(SqlDialect.Sqlite);

    /// <inheritdoc/>
    public async Task<RetentionStep> PruneAsync(RetentionQuery query, RetentionCursor? after, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var step = await new RetentionSteps(this, query).TakeAsync(after, cancellationToken);
        if (query is { AcceptedBefore: not null, IsDryRun: false } && step.Next is null)
        {
            await database.WriteAsync(connection => connection.Execute(RetentionStatements.ToDeleteApprovals(query)), cancellationToken);
        }

        return step;
    }

    /// <inheritdoc/>
    public Task<long?> FindNewestAsync(string componentId, int count, CancellationToken cancellationToken = default) =>
        Task.FromResult(database.Read(connection => connection.Number(RetentionStatements.ToNewest(componentId, count))));

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListComponentsAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<string>>(database.Query(RetentionStatements.ToComponents(), row => row.GetString(0)));

    Task<IReadOnlyList<SessionRow>> IRetentionRows.ReadPageAsync(RetentionQuery query, RetentionCursor? after, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<SessionRow>>(database.Query(
            Statements.ToPage(query, after, limit), row => new SessionRow(row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetBoolean(3), row.GetBoolean(4))));

    Task<ImmutableArray<CandidateRun>> IRetentionRows.ReadCandidatesAsync(RetentionQuery query, string sessionId, long after, int limit, CancellationToken cancellationToken) =>
        Task.FromResult(database.Query(Statements.ToCandidates(query, sessionId, after, limit), row => new CandidateRun(row.GetInt64(0), row.GetString(1))).ToImmutableArray());

    Task<(long Runs, long Sessions)> IRetentionRows.RemoveAsync(string sessionId, ImmutableArray<string> runIds, bool onlyCounts, CancellationToken cancellationToken) => onlyCounts
        ? Task.FromResult(database.Read(connection => Count(connection, sessionId, runIds)))
        : database.WriteAsync(connection => Remove(connection, sessionId, runIds), cancellationToken);

    private static ImmutableArray<string> FindTrees(PreparedConnection connection, ImmutableArray<string> runIds) =>
        RunTrees.Settled(connection.Query(Statements.ToTrees(runIds), row => (row.GetString(0), row.GetString(1), row.GetBoolean(2))));

    private static (long Runs, long Sessions) Count(PreparedConnection connection, string sessionId, ImmutableArray<string> runIds)
    {
        var gone = FindTrees(connection, runIds);
        return (gone.Length, connection.Number(Statements.ToCount(sessionId)) == gone.Length ? 1 : 0);
    }

    private static (long Runs, long Sessions) Remove(PreparedConnection connection, string sessionId, ImmutableArray<string> runIds)
    {
        var gone = FindTrees(connection, runIds);
        if (!gone.IsEmpty)
        {
            connection.Execute(Statements.ToDeleteEvents(gone));
            connection.Query(Statements.ToDeleteRuns(gone), _ => true);
        }

        return (gone.Length, gone.IsEmpty && !runIds.IsEmpty ? 0 : connection.Execute(Statements.ToDeleteSession(sessionId)));
    }
}
