using System.Collections.Immutable;
using Cluster.Engine.Limits;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Sqlite;

/// <summary>
/// Keeps runs and sessions in SQLite. It needs no server; one process uses a database at a time. What was acknowledged is on disk and survives a crash of
/// the process, of the machine, and of its power.
/// </summary>
/// <param name="database">The database, which the store does not own.</param>
/// <param name="tenant">Whose runs and sessions.</param>
public sealed class SqliteStore(SqliteDatabase database, TenantId tenant) : IRunLog, IRunRecords, ISessionStore, ISessionCopies
{
    private const string SelectLog = "SELECT r.generation, r.sequence, e.events FROM runs r JOIN run_events e ON e.run = r.sequence WHERE r.tenant_id = $1 AND r.run_id = $2 ORDER BY e.position";

    /// <summary>A run that was started from outside is of the kind that its session is. Of a member its record tells.</summary>
    private const string SelectSummary =
        "SELECT r.run_id, s.session_id, r.component_id, r.user_id, r.parent_run_id, r.status, CASE WHEN r.parent_run_id IS NULL THEN s.session_type "
        + "WHEN json_extract(r.output, '$.team_id') IS NULL THEN 'agent' ELSE 'team' END, r.streamed FROM runs r JOIN sessions s ON s.creation = r.session WHERE r.tenant_id = $1 AND r.run_id = $2";

    private const string SelectUnfinished =
        "SELECT r.run_id, s.session_id, r.sequence, r.parent_run_id FROM runs r JOIN sessions s ON s.creation = r.session WHERE r.status IN ('PENDING', 'RUNNING') AND +r.tenant_id = $1";

    /// <inheritdoc/>
    public Task<AcceptedRun> AcceptAsync(RunAcceptance acceptance, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(acceptance);
        Ids.Demand(acceptance);
        var written = RunAcceptances.WrittenRun.Of(acceptance);
        return database.WriteAsync(connection => RunAcceptances.Accept(connection, tenant, acceptance, written), cancellationToken, written.Size);
    }

    /// <inheritdoc/>
    public Task AppendAsync(RunAppend append, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(append);
        Values.Id(append.RunId, "run id");
        var written = new RunAppends(tenant, append);
        return database.WriteAsync(written.Apply, cancellationToken, written.Size);
    }

    /// <inheritdoc/>
    public Task<RunLogRecord?> ReadAsync(string runId, CancellationToken cancellationToken = default)
    {
        var statement = ToLog(runId);
        return Task.FromResult(database.Read(connection => ReadLog(connection, statement)));
    }

    /// <inheritdoc/>
    public Task<ImmutableDictionary<string, RunLogRecord>> ReadAsync(ImmutableArray<string> runIds, CancellationToken cancellationToken = default)
    {
        var statements = runIds.Distinct(StringComparer.Ordinal).Select(id => (RunId: id, Statement: ToLog(id))).ToArray();
        return Task.FromResult(database.Read(connection =>
        {
            var logs = ImmutableDictionary.CreateBuilder<string, RunLogRecord>(StringComparer.Ordinal);
            foreach (var (runId, statement) in statements)
            {
                if (ReadLog(connection, statement) is { } log)
                {
                    logs.Add(runId, log);
                }
            }

            return logs.ToImmutable();
        }));
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<UnfinishedRun>> ListUnfinishedAsync(string? sessionId = null, CancellationToken cancellationToken = default)
    {
        var statement = new Statement(SelectUnfinished).Add(tenant);
        if (sessionId is not null)
        {
            statement.Append(" AND s.tenant_id = $1 AND s.session_id = ?", ColumnType.Text, Values.SessionId(sessionId));
        }

        statement.Append(" ORDER BY r.sequence");
        return Task.FromResult(database.Query(statement, row => new UnfinishedRun(tenant, row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetText(3))).ToImmutableArray());
    }

    /// <inheritdoc/>
    Task<RunRecord?> IRunRecords.FindAsync(string runId, CancellationToken cancellationToken)
    {
        var statement = new Statement($"SELECT {RunColumns.Names} FROM runs WHERE tenant_id = $1 AND run_id = $2").Add(tenant).Add(ColumnType.Text, Values.Id(runId, "run id"));
        return Task.FromResult(database.Read(connection => connection.Find(statement, RunColumns.Read)));
    }

    /// <inheritdoc/>
    public Task<RunSummary?> FindSummaryAsync(string runId, CancellationToken cancellationToken = default)
    {
        var statement = new Statement(SelectSummary).Add(tenant).Add(ColumnType.Text, Values.Id(runId, "run id"));
        return Task.FromResult(database.Read(connection => connection.Find(statement, RunColumns.ReadSummary)));
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<RunRecord>> ListAsync(RunQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var newestFirst = database.Query(RunListing.ToStatement(SqlDialect.Sqlite, tenant, query), RunColumns.Read);
        return Task.FromResult(newestFirst.AsEnumerable().Reverse().ToImmutableArray());
    }

    /// <inheritdoc/>
    public Task<bool> CreateAsync(SessionRecord session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        Ids.Demand(session);
        return database.WriteAsync(connection => SessionRows.Insert(connection, tenant, session) is not null, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> CreateAsync(SessionCopy copy, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(copy);
        Ids.Demand(copy.Session);
        return database.WriteAsync(connection => RunAcceptances.Copy(connection, tenant, copy), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<SessionRecord?> FindAsync(string sessionId, CancellationToken cancellationToken = default)
    {
        var statement = ToFind(sessionId);
        return Task.FromResult(database.Read(connection => connection.Find(statement, SessionColumns.Read)));
    }

    /// <inheritdoc/>
    public Task<SessionRecord?> UpdateAsync(string sessionId, SessionPatch patch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(patch);
        var find = ToFind(sessionId);
        return database.WriteAsync(
            connection =>
            {
                if (SessionRows.FindHead(connection, tenant, sessionId) is { } head)
                {
                    SessionRows.Update(connection, head.Creation, patch);
                }

                return connection.Find(find, SessionColumns.Read);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(ImmutableArray<string> sessionIds, string? userId, CancellationToken cancellationToken = default) => database.WriteAsync(
        connection =>
        {
            foreach (var sessionId in sessionIds)
            {
                SessionRows.Delete(connection, tenant, sessionId, userId);
            }

            return true;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<SessionPage> ListAsync(SessionQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Task.FromResult(database.Read(connection =>
        {
            var sessions = connection.Query(SessionListing.ToPage(SqlDialect.Sqlite, tenant, query), SessionColumns.Read);
            var isWhole = query.Offset == 0 && sessions.Count < query.Limit;
            var total = isWhole ? sessions.Count : (int)connection.Number(SessionListing.ToCount(SqlDialect.Sqlite, tenant, query))!.Value;
            return new SessionPage([.. sessions], total);
        }));
    }

    private Statement ToLog(string runId) => new Statement(SelectLog).Add(tenant).Add(ColumnType.Text, Values.Id(runId, "run id"));

    private static RunLogRecord? ReadLog(PreparedConnection connection, Statement statement) =>
        RunColumns.ToLog(connection.Query(statement, row => (row.GetInt64(0), row.GetInt64(1), RunColumns.ReadEvents(row, 2))));

    private Statement ToFind(string sessionId) =>
        new Statement($"SELECT {SessionColumns.Names} FROM sessions WHERE tenant_id = $1 AND session_id = $2").Add(tenant).Add(ColumnType.Text, Values.SessionId(sessionId));
}
