using Cluster.Engine.Contents;
using Cluster.Engine.Scopes;
using Cluster.Storage.Sql;
using Cluster.Storage.Sqlite;

namespace Cluster.Storage.Blobs;

/// <summary>What SQLite knows of content. Its one writer does one thing after the other, so nothing needs a lock.</summary>
/// <param name="database">The database, which it does not own.</param>
internal sealed class SqliteMediaIndex(SqliteDatabase database) : IMediaIndex
{
    private const string RunsOfSession = "sessions s JOIN runs u ON u.session = s.creation AND s.tenant_id = $1 AND s.session_id = $2 JOIN media_references r ON r.run = u.sequence";

    private const string Hold =
        "INSERT INTO media_loose (tenant_id, sha256, due_at) VALUES ($1, $2, $3) ON CONFLICT (tenant_id, sha256) DO UPDATE SET due_at = max(due_at, excluded.due_at)";

    private const string Refer =
        "INSERT INTO media_references (tenant_id, run, sha256, media_id, mime_type) SELECT $1, $2, $3, $4, $5 "
        + "WHERE EXISTS (SELECT 1 FROM media WHERE tenant_id = $1 AND sha256 = $3) ON CONFLICT (tenant_id, run, sha256, media_id) DO NOTHING";

    /// <summary>Takes down what a run refers to, in the transaction that writes it.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="run">The run's sequence.</param>
    /// <param name="uses">What it refers to. What is gone, for instance with an earlier run of the session, is left out.</param>
    public static void Add(PreparedConnection connection, TenantId tenant, long run, IReadOnlyList<MediaUse> uses)
    {
        foreach (var use in uses.Distinct())
        {
            connection.Execute(new Statement(Refer)
                .Add(tenant)
                .Add(ColumnType.Long, run)
                .Add(ColumnType.Text, use.Sha256)
                .Add(ColumnType.Text, use.MediaId)
                .Add(ColumnType.Text, use.MimeType));
        }
    }

    /// <inheritdoc/>
    public Task<MediaPlace?> FindAsync(string tenantId, string sha256, CancellationToken cancellationToken)
    {
        var statement = MediaStatements.ToFind(tenantId, sha256);
        return Task.FromResult(database.Read(connection => connection.Find(statement, MediaStatements.ReadPlace)));
    }

    /// <inheritdoc/>
    public Task<StoredMedia?> FindAsync(string tenantId, string sessionId, string key, CancellationToken cancellationToken)
    {
        var statement = MediaStatements.ToFind(RunsOfSession, tenantId, sessionId, key);
        return Task.FromResult(database.Read(connection => connection.Find(statement, MediaStatements.ReadMedia)));
    }

    /// <inheritdoc/>
    public Task<bool> HoldAsync(string tenantId, string sha256, long until, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            var isThere = connection.Find(MediaStatements.ToFind(tenantId, sha256), MediaStatements.ReadPlace) is not null;
            if (isThere)
            {
                connection.Execute(ToHold(tenantId, sha256, until));
            }

            return isThere;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task ReserveAsync(string tenantId, string location, long until, CancellationToken cancellationToken) =>
        database.WriteAsync(connection => connection.Execute(MediaStatements.ToReserve(tenantId, location, until)), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> AddAsync(string tenantId, string sha256, MediaPlace place, long now, long until, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            var added = connection.Execute(new Statement(
                    "INSERT INTO media (tenant_id, sha256, bytes, location, created_at) SELECT $1, $2, $3, $4, $5 "
                    + "WHERE EXISTS (SELECT 1 FROM media_discards WHERE tenant_id = $1 AND location = $4 AND due_at > $5) ON CONFLICT (tenant_id, sha256) DO NOTHING")
                .Add(ColumnType.Text, tenantId)
                .Add(ColumnType.Text, sha256)
                .Add(ColumnType.Long, place.Bytes)
                .Add(ColumnType.Text, place.Location)
                .Add(ColumnType.Long, now));
            if (added > 0)
            {
                connection.Execute(MediaStatements.ToForget(tenantId, place.Location));
            }
            else if (connection.Find(MediaStatements.ToFind(tenantId, sha256), MediaStatements.ReadPlace) is null)
            {
                return false;
            }

            connection.Execute(ToHold(tenantId, sha256, until));
            return true;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<(int Seen, int Gone)> ReleaseAsync(long now, int limit, CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            var due = connection.Query(
                new Statement("SELECT tenant_id, sha256 FROM media_loose WHERE due_at <= $1 ORDER BY due_at LIMIT $2").Add(ColumnType.Long, now).Add(ColumnType.Integer, limit),
                row => (TenantId: row.GetString(0), Sha256: row.GetString(1)));
            return (due.Count, due.Count(content => Release(connection, content.TenantId, content.Sha256, now)));
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<(string TenantId, string Location)>> ListDiscardsAsync(long now, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<(string, string)>>(database.Query(MediaStatements.ToDiscards(now, limit), row => (row.GetString(0), row.GetString(1))));

    /// <inheritdoc/>
    public Task ForgetAsync(string tenantId, string location, CancellationToken cancellationToken) =>
        database.WriteAsync(connection => connection.Execute(MediaStatements.ToForget(tenantId, location)), cancellationToken);

    private static bool Release(PreparedConnection connection, string tenantId, string sha256, long now)
    {
        var location = connection.Find(
            new Statement(
                    "DELETE FROM media WHERE tenant_id = $1 AND sha256 = $2 AND NOT EXISTS (SELECT 1 FROM media_references WHERE tenant_id = $1 AND sha256 = $2) RETURNING location")
                .Add(ColumnType.Text, tenantId)
                .Add(ColumnType.Text, sha256),
            row => row.GetString(0));
        if (location is not null)
        {
            connection.Execute(MediaStatements.ToReserve(tenantId, location, now));
        }

        connection.Execute(new Statement("DELETE FROM media_loose WHERE tenant_id = $1 AND sha256 = $2").Add(ColumnType.Text, tenantId).Add(ColumnType.Text, sha256));
        return location is not null;
    }

    private static Statement ToHold(string tenantId, string sha256, long until) =>
        new Statement(Hold).Add(ColumnType.Text, tenantId).Add(ColumnType.Text, sha256).Add(ColumnType.Long, until);
}
