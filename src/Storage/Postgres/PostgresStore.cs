using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Limits;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Storage.Sql;
using Npgsql;

namespace Cluster.Storage.Postgres;

/// <summary>Keeps the runs and sessions of a tenant in PostgreSQL.</summary>
/// <param name="batches">What all tenants send.</param>
/// <param name="tenant">Whose runs and sessions.</param>
[SuppressMessage("Maintainability", "CA1506:Avoid excessive class coupling", Justification = "It puts together every statement about runs and sessions.")]
public sealed class PostgresStore(PostgresBatches batches, TenantId tenant) : IRunLog, IRunRecords, ISessionStore, ISessionCopies
{
    /// <inheritdoc/>
    public Task<AcceptedRun> AcceptAsync(RunAcceptance acceptance, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(acceptance);
        var request = acceptance.Event.Request;
        Ids.Demand(acceptance);
        batches.DemandClaim();
        return (request.ParentRunId is null ? batches.Acceptances : batches.MemberAcceptances).WriteAsync(new RunAcceptances.Item(tenant, acceptance), cancellationToken);
    }

    /// <inheritdoc/>
    public Task AppendAsync(RunAppend append, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(append);
        Values.Id(append.RunId, "run id");
        batches.DemandClaim();
        return batches.Appends.WriteAsync(new RunAppends.Item(tenant, append), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<RunLogRecord?> ReadAsync(string runId, CancellationToken cancellationToken = default)
    {
        var statement = new Statement("SELECT r.generation, r.sequence, e.events FROM runs r JOIN run_events e ON e.tenant_id = r.tenant_id AND e.run_id = r.run_id WHERE r.tenant_id = $1 AND r.run_id = $2 ORDER BY e.position")
            .Add(tenant)
            .Add(ColumnType.Text, Values.Id(runId, "run id"));
        var rows = await QueryAsync(statement, row => (row.GetInt64(0), row.GetInt64(1), RunColumns.ReadEvents(row, 2)), cancellationToken);
        return RunColumns.ToLog(rows);
    }

    /// <inheritdoc/>
    public async Task<ImmutableDictionary<string, RunLogRecord>> ReadAsync(ImmutableArray<string> runIds, CancellationToken cancellationToken = default)
    {
        var statement = new Statement("SELECT run_id, generation, sequence, events FROM read_logs($1, $2)").Add(tenant).AddColumn(ColumnType.Text, runIds, id => Values.Id(id, "run id"));
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
        var statement = new Statement("SELECT run_id, session_id, sequence, parent_run_id FROM runs WHERE tenant_id = $1 AND status IN ('PENDING', 'RUNNING')").Add(tenant);
        if (sessionId is not null)
        {
            statement.Append(" AND session_id = ?", ColumnType.Text, Values.SessionId(sessionId));
        }

        statement.Append(" ORDER BY sequence");
        return [.. await QueryAsync(statement, row => new UnfinishedRun(tenant, row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetText(3)), cancellationToken)];
    }

    /// <inheritdoc/>
    async Task<RunRecord?> IRunRecords.FindAsync(string runId, CancellationToken cancellationToken)
    {
        var statement = new Statement($"SELECT {RunColumns.Names} FROM runs WHERE tenant_id = $1 AND run_id = $2").Add(tenant).Add(ColumnType.Text, Values.Id(runId, "run id"));
        return (await QueryAsync(statement, RunColumns.Read, cancellationToken)).SingleOrDefault();
    }

    /// <inheritdoc/>
    public async Task<RunSummary?> FindSummaryAsync(string runId, CancellationToken cancellationToken = default)
    {
        var statement = new Statement($"SELECT {RunColumns.SummaryNames} FROM runs r JOIN sessions s USING (tenant_id, session_id) WHERE r.tenant_id = $1 AND r.run_id = $2")
            .Add(tenant)
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
            return await batches.HistoryReads.WriteAsync(new HistoryReads.Item(tenant, query), cancellationToken);
        }

        var newestFirst = await QueryAsync(RunListing.ToStatement(SqlDialect.Postgres, tenant, query), RunColumns.Read, cancellationToken);
        return [.. newestFirst.AsEnumerable().Reverse()];
    }

    /// <inheritdoc/>
    public async Task<bool> CreateAsync(SessionRecord session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        batches.DemandClaim();
        return (await QueryAsync(SessionWriting.ToInsert(tenant, session), _ => true, cancellationToken, isRepeatable: false)).Count > 0;
    }

    /// <inheritdoc/>
    public Task<bool> CreateAsync(SessionCopy copy, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(copy);
        batches.DemandClaim();
        return SessionCopying.WriteAsync(batches.Database, tenant, copy, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<SessionRecord?> FindAsync(string sessionId, CancellationToken cancellationToken = default) =>
        batches.SessionReads.WriteAsync(new SessionReads.Item(tenant, Values.SessionId(sessionId)), cancellationToken);

    /// <inheritdoc/>
    public async Task<SessionRecord?> UpdateAsync(string sessionId, SessionPatch patch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(patch);
        batches.DemandClaim();
        return (await QueryAsync(SessionWriting.ToUpdate(tenant, sessionId, patch), SessionColumns.Read, cancellationToken)).SingleOrDefault();
    }

    /// <inheritdoc/>
    public Task DeleteAsync(ImmutableArray<string> sessionIds, string? userId, CancellationToken cancellationToken = default)
    {
        batches.DemandClaim();
        var statement = new Statement("SELECT delete_sessions($1, $2, $3)")
            .Add(tenant)
            .AddColumn(ColumnType.Text, sessionIds, id => Values.SessionId(id))
            .Add(ColumnType.Text, Values.Id(userId, "user id"));
        return QueryAsync(statement, _ => true, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<SessionPage> ListAsync(SessionQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var sessions = await QueryAsync(SessionListing.ToPage(SqlDialect.Postgres, tenant, query), SessionColumns.Read, cancellationToken);
        var isWhole = query.Offset == 0 && sessions.Count < query.Limit;
        var total = isWhole ? sessions.Count : (await QueryAsync(SessionListing.ToCount(SqlDialect.Postgres, tenant, query), row => (int)row.GetInt64(0), cancellationToken))[0];
        return new SessionPage([.. sessions], total);
    }

    private Task<List<TRow>> QueryAsync<TRow>(Statement statement, Func<NpgsqlDataReader, TRow> read, CancellationToken cancellationToken, bool isRepeatable = true) =>
        batches.Database.RunAsync((connection, token) => statement.QueryAsync(connection, read, token), cancellationToken, isRepeatable);
}
