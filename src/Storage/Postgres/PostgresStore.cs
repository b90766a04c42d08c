using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Limits;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Storage.Postgres.Claims;
using Cluster.Storage.Sql;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Cluster.Storage.Postgres;

/// <summary>
/// Keeps runs and sessions in PostgreSQL. Writes of concurrent callers share round trips and commits; each is durable when its task ends,
/// unless the server itself was told not to wait for its disk.
/// </summary>
[SuppressMessage("Maintainability", "CA1506:Avoid excessive class coupling", Justification = "It puts together every statement about runs and sessions.")]
public sealed class PostgresStore : IRunLog, IRunRecords, ISessionStore, ISessionCopies, IAsyncDisposable
{
    private readonly PostgresDatabase _database;
    private readonly DatabaseClaim? _claim;
    private readonly Batcher<RunAcceptances.Item, AcceptedRun> _acceptances;
    private readonly Batcher<RunAcceptances.Item, AcceptedRun> _memberAcceptances;
    private readonly Batcher<RunAppends.Item, bool> _appends;
    private readonly Batcher<SessionReads.Item, SessionRecord?> _sessionReads;
    private readonly Batcher<HistoryReads.Item, ImmutableArray<RunRecord>> _historyReads;

    /// <summary>Creates the store. It does not own the data source.</summary>
    /// <param name="dataSource">The database, migrated by <see cref="PostgresMigrator"/>.</param>
    /// <param name="options">The limits.</param>
    /// <param name="claim">Tells whether this process may write; null when it always may.</param>
    public PostgresStore(NpgsqlDataSource dataSource, IOptions<PostgresStorageOptions> options, DatabaseClaim? claim = null)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        ArgumentNullException.ThrowIfNull(options);
        _database = new PostgresDatabase(dataSource);
        _claim = claim;
        var acceptances = new RunAcceptances(_database);
        _acceptances = new(Observed<RunAcceptances.Item>(acceptances.WriteAsync), options.Value);
        _memberAcceptances = new(Observed<RunAcceptances.Item>(acceptances.WriteMembersAsync), options.Value);
        _appends = new(Observed<RunAppends.Item>(new RunAppends(_database).WriteAsync), options.Value);
        _sessionReads = new(new SessionReads(_database).ReadAsync, options.Value);
        _historyReads = new(new HistoryReads(_database).ReadAsync, options.Value);
    }

    /// <summary>Gets what became of the last write of a run.</summary>
    internal WriteOutcome Outcome { get; } = new(TimeProvider.System);

    /// <inheritdoc/>
    public Task<AcceptedRun> AcceptAsync(RunAcceptance acceptance, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(acceptance);
        var request = acceptance.Event.Request;
        Ids.Demand(acceptance);
        _claim?.Demand();
        return (request.ParentRunId is null ? _acceptances : _memberAcceptances).WriteAsync(new RunAcceptances.Item(acceptance), cancellationToken);
    }

    /// <inheritdoc/>
    public Task AppendAsync(RunAppend append, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(append);
        Values.Id(append.RunId, "run id");
        _claim?.Demand();
        return _appends.WriteAsync(new RunAppends.Item(append), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<RunLogRecord?> ReadAsync(string runId, CancellationToken cancellationToken = default)
    {
        var statement = new Statement("SELECT r.generation, r.sequence, e.events FROM runs r JOIN run_events e ON e.run_id = r.run_id WHERE r.run_id = $1 ORDER BY e.position")
            .Add(ColumnType.Text, Values.Id(runId, "run id"));
        var rows = await QueryAsync(statement, row => (row.GetInt64(0), row.GetInt64(1), RunColumns.ReadEvents(row, 2)), cancellationToken);
        return RunColumns.ToLog(rows);
    }

    /// <inheritdoc/>
    public async Task<ImmutableDictionary<string, RunLogRecord>> ReadAsync(ImmutableArray<string> runIds, CancellationToken cancellationToken = default)
    {
        var statement = new Statement("SELECT run_id, generation, sequence, events FROM read_logs($1)").AddColumn(ColumnType.Text, runIds, id => Values.Id(id, "run id"));
        var rows = await QueryAsync(
            statement, row => (RunId: row.GetString(0), Generation: row.GetInt64(1), Sequence: row.GetInt64(2), Part: RunColumns.ReadEvents(row, 3)), cancellationToken);
        return rows.GroupBy(row => row.RunId, StringComparer.Ordinal).ToImmutableDictionary(
            run => run.Key,
            run => new RunLogRecord(run.First().Generation, run.First().Sequence, [.. run.SelectMany(row => row.Part.Events)]) { Bytes = run.Sum(row => row.Part.Bytes) },
            StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<UnfinishedRun>> ListUnfinishedAsync(string? sessionId = null, CancellationToken cancellationToken = default)
    {
        var statement = new Statement("SELECT run_id, session_id, sequence, parent_run_id FROM runs WHERE status IN ('PENDING', 'RUNNING')");
        if (sessionId is not null)
        {
            statement.Append(" AND session_id = ?", ColumnType.Text, Values.SessionId(sessionId));
        }

        statement.Append(" ORDER BY sequence");
        return [.. await QueryAsync(statement, row => new UnfinishedRun(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetText(3)), cancellationToken)];
    }

    /// <inheritdoc/>
    async Task<RunRecord?> IRunRecords.FindAsync(string runId, CancellationToken cancellationToken)
    {
        var statement = new Statement($"SELECT {RunColumns.Names} FROM runs WHERE run_id = $1").Add(ColumnType.Text, Values.Id(runId, "run id"));
        return (await QueryAsync(statement, RunColumns.Read, cancellationToken)).SingleOrDefault();
    }

    /// <inheritdoc/>
    public async Task<RunSummary?> FindSummaryAsync(string runId, CancellationToken cancellationToken = default)
    {
        var statement = new Statement($"SELECT {RunColumns.SummaryNames} FROM runs r JOIN sessions s USING (session_id) WHERE r.run_id = $1")
            .Add(ColumnType.Text, Values.Id(runId, "run id"));
        return (await QueryAsync(statement, RunColumns.ReadSummary, cancellationToken)).SingleOrDefault();
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<RunRecord>> ListAsync(RunQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (HistoryReads.Answers(query))
        {
            Values.SessionId(query.SessionId);
            return await _historyReads.WriteAsync(new HistoryReads.Item(query), cancellationToken);
        }

        var newestFirst = await QueryAsync(RunListing.ToStatement(SqlDialect.Postgres, query), RunColumns.Read, cancellationToken);
        return [.. newestFirst.AsEnumerable().Reverse()];
    }

    /// <inheritdoc/>
    public async Task<bool> CreateAsync(SessionRecord session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        _claim?.Demand();
        return (await QueryAsync(SessionWriting.ToInsert(session), _ => true, cancellationToken, isRepeatable: false)).Count > 0;
    }

    /// <inheritdoc/>
    public Task<bool> CreateAsync(SessionCopy copy, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(copy);
        _claim?.Demand();
        return SessionCopying.WriteAsync(_database, copy, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<SessionRecord?> FindAsync(string sessionId, CancellationToken cancellationToken = default) =>
        _sessionReads.WriteAsync(new SessionReads.Item(Values.SessionId(sessionId)), cancellationToken);

    /// <inheritdoc/>
    public async Task<SessionRecord?> UpdateAsync(string sessionId, SessionPatch patch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(patch);
        _claim?.Demand();
        return (await QueryAsync(SessionWriting.ToUpdate(sessionId, patch), SessionColumns.Read, cancellationToken)).SingleOrDefault();
    }

    /// <inheritdoc/>
    public Task DeleteAsync(ImmutableArray<string> sessionIds, string? userId, CancellationToken cancellationToken = default)
    {
        _claim?.Demand();
        var statement = new Statement("SELECT delete_sessions($1, $2)")
            .AddColumn(ColumnType.Text, sessionIds, id => Values.SessionId(id))
            .Add(ColumnType.Text, Values.Id(userId, "user id"));
        return QueryAsync(statement, _ => true, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<SessionPage> ListAsync(SessionQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var sessions = await QueryAsync(SessionListing.ToPage(SqlDialect.Postgres, query), SessionColumns.Read, cancellationToken);
        var isWhole = query.Offset == 0 && sessions.Count < query.Limit;
        var total = isWhole ? sessions.Count : (await QueryAsync(SessionListing.ToCount(SqlDialect.Postgres, query), row => (int)row.GetInt64(0), cancellationToken))[0];
        return new SessionPage([.. sessions], total);
    }

    /// <summary>Ends when the writes that wait are written.</summary>
    /// <returns>A task that ends then.</returns>
    public async ValueTask DisposeAsync()
    {
        await _acceptances.DisposeAsync();
        await _memberAcceptances.DisposeAsync();
        await _appends.DisposeAsync();
        await _sessionReads.DisposeAsync();
        await _historyReads.DisposeAsync();
    }

    private Func<IReadOnlyList<TItem>, Task> Observed<TItem>(Func<IReadOnlyList<TItem>, Task> write) => batch => Outcome.ObserveAsync(() => write(batch));

    private Task<List<TRow>> QueryAsync<TRow>(Statement statement, Func<NpgsqlDataReader, TRow> read, CancellationToken cancellationToken, bool isRepeatable = true) =>
        _database.RunAsync((connection, token) => statement.QueryAsync(connection, read, token), cancellationToken, isRepeatable);
}
