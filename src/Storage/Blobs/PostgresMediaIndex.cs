using Cluster.Engine.Contents;
using Cluster.Storage.Postgres;
using Cluster.Storage.Sql;
using Npgsql;

namespace Cluster.Storage.Blobs;

/// <summary>
/// What PostgreSQL knows of content. Whoever refers to content or holds it shares the lock of its row, whoever lets it go has the row alone: a reference that
/// was written while content was let go waits, and finds either the row or nothing.
/// </summary>
/// <param name="database">The database.</param>
internal sealed class PostgresMediaIndex(PostgresDatabase database) : IMediaIndex
{
    private const string RunsOfSession = "runs u JOIN media_references r ON r.tenant_id = u.tenant_id AND r.run_id = u.run_id AND u.tenant_id = $1 AND u.session_id = $2";

    private const string Hold =
        "WITH held AS (SELECT sha256 FROM media WHERE tenant_id = $1 AND sha256 = $2 FOR KEY SHARE), "
        + "loose AS (INSERT INTO media_loose AS l (tenant_id, sha256, due_at) SELECT $1, sha256, $3 FROM held "
        + "ON CONFLICT (tenant_id, sha256) DO UPDATE SET due_at = greatest(l.due_at, excluded.due_at)) SELECT true FROM held";

    private const string Add =
        "WITH added AS (INSERT INTO media AS m (tenant_id, sha256, bytes, location, created_at) SELECT $1, $2, $3, $4, $5 "
        + "WHERE EXISTS (SELECT FROM media_discards d WHERE d.tenant_id = $1 AND d.location = $4 AND d.due_at > $5) OR EXISTS (SELECT FROM media k WHERE k.tenant_id = $1 AND k.sha256 = $2) "
        + "ON CONFLICT (tenant_id, sha256) DO UPDATE SET created_at = m.created_at RETURNING location), "
        + "loose AS (INSERT INTO media_loose AS l (tenant_id, sha256, due_at) SELECT $1, $2, $6 FROM added "
        + "ON CONFLICT (tenant_id, sha256) DO UPDATE SET due_at = greatest(l.due_at, excluded.due_at)), "
        + "forgotten AS (DELETE FROM media_discards WHERE tenant_id = $1 AND location = (SELECT location FROM added)) SELECT true FROM added";

    private const string Due =
        "SELECT m.tenant_id, m.sha256 FROM media_loose l JOIN media m ON m.tenant_id = l.tenant_id AND m.sha256 = l.sha256 "
        + "WHERE l.due_at <= $1 ORDER BY l.due_at LIMIT $2 FOR UPDATE OF m SKIP LOCKED";

    /// <summary>Sent behind the locks: it sees what those who held them before have written.</summary>
    private const string Release =
        "WITH due AS (SELECT i.tenant_id, i.sha256 FROM unnest($1, $2) AS i (tenant_id, sha256) JOIN media_loose l ON l.tenant_id = i.tenant_id AND l.sha256 = i.sha256 "
        + "WHERE l.due_at <= $3), "
        + "gone AS (DELETE FROM media m USING due d WHERE m.tenant_id = d.tenant_id AND m.sha256 = d.sha256 "
        + "AND NOT EXISTS (SELECT FROM media_references r WHERE r.tenant_id = d.tenant_id AND r.sha256 = d.sha256) RETURNING m.tenant_id, m.location), "
        + "settled AS (DELETE FROM media_loose l USING due d WHERE l.tenant_id = d.tenant_id AND l.sha256 = d.sha256), "
        + "discarded AS (INSERT INTO media_discards (tenant_id, location, due_at) SELECT tenant_id, location, $3 FROM gone) "
        + "SELECT count(*) FROM gone";

    /// <inheritdoc/>
    public async Task<MediaPlace?> FindAsync(string tenantId, string sha256, CancellationToken cancellationToken) =>
        (await QueryAsync(MediaStatements.ToFind(tenantId, sha256), MediaStatements.ReadPlace, cancellationToken)).SingleOrDefault();

    /// <inheritdoc/>
    public async Task<StoredMedia?> FindAsync(string tenantId, string sessionId, string key, CancellationToken cancellationToken) =>
        (await QueryAsync(MediaStatements.ToFind(RunsOfSession, tenantId, sessionId, key), MediaStatements.ReadMedia, cancellationToken)).SingleOrDefault();

    /// <inheritdoc/>
    public async Task<bool> HoldAsync(string tenantId, string sha256, long until, CancellationToken cancellationToken) => (await QueryAsync(
        new Statement(Hold).Add(ColumnType.Text, tenantId).Add(ColumnType.Text, sha256).Add(ColumnType.Long, until), _ => true, cancellationToken)).Count > 0;

    /// <inheritdoc/>
    public Task ReserveAsync(string tenantId, string location, long until, CancellationToken cancellationToken) => QueryAsync(
        MediaStatements.ToReserve(tenantId, location, until).Append(" ON CONFLICT (tenant_id, location) DO NOTHING"), _ => true, cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> AddAsync(string tenantId, string sha256, MediaPlace place, long now, long until, CancellationToken cancellationToken) => (await QueryAsync(
        new Statement(Add)
            .Add(ColumnType.Text, tenantId)
            .Add(ColumnType.Text, sha256)
            .Add(ColumnType.Long, place.Bytes)
            .Add(ColumnType.Text, place.Location)
            .Add(ColumnType.Long, now)
            .Add(ColumnType.Long, until),
        _ => true,
        cancellationToken)).Count > 0;

    /// <inheritdoc/>
    public Task<(int Seen, int Gone)> ReleaseAsync(long now, int limit, CancellationToken cancellationToken) => database.RunAsync(
        async (connection, token) =>
        {
            await using var transaction = await connection.BeginTransactionAsync(token);
            var due = await new Statement(Due).Add(ColumnType.Long, now).Add(ColumnType.Integer, limit)
                .QueryAsync(connection, row => (TenantId: row.GetString(0), Sha256: row.GetString(1)), token);
            var gone = due.Count == 0 ? 0L : (await ToRelease(due, now).QueryAsync(connection, row => row.GetInt64(0), token))[0];
            await transaction.CommitAsync(token);
            return (due.Count, (int)gone);
        },
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<(string TenantId, string Location)>> ListDiscardsAsync(long now, int limit, CancellationToken cancellationToken) =>
        await QueryAsync(MediaStatements.ToDiscards(now, limit), row => (row.GetString(0), row.GetString(1)), cancellationToken);

    /// <inheritdoc/>
    public Task ForgetAsync(string tenantId, string location, CancellationToken cancellationToken) =>
        QueryAsync(MediaStatements.ToForget(tenantId, location), _ => true, cancellationToken);

    private static Statement ToRelease(List<(string TenantId, string Sha256)> due, long now) => new Statement(Release)
        .AddColumn(ColumnType.Text, due, content => content.TenantId)
        .AddColumn(ColumnType.Text, due, content => content.Sha256)
        .Add(ColumnType.Long, now);

    private Task<List<TRow>> QueryAsync<TRow>(Statement statement, Func<NpgsqlDataReader, TRow> read, CancellationToken cancellationToken) =>
        database.RunAsync((connection, token) => statement.QueryAsync(connection, read, token), cancellationToken);
}
