using System.Collections.Immutable;
using System.Data.Common;
using Cluster.Engine.Contents;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Blobs;

/// <summary>The statements about content that both dialects share.</summary>
internal static class MediaStatements
{
    /// <summary>Gets the tables that hold content and what is known of it.</summary>
    public static ImmutableArray<string> Tables { get; } = ["media", "media_chunks", "media_references", "media_loose", "media_discards"];

    /// <summary>Finds content.</summary>
    public static Statement ToFind(string tenantId, string sha256) => new Statement("SELECT bytes, location FROM media WHERE tenant_id = $1 AND sha256 = $2")
        .Add(ColumnType.Text, tenantId)
        .Add(ColumnType.Text, sha256);

    /// <summary>Finds content to which a run of a session refers.</summary>
    /// <param name="runs">The runs, <c>u</c>, of the session that is the second parameter, joined to their references, <c>r</c>.</param>
    /// <param name="tenantId">Whose it is.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="key">The hash, or the id of what holds the content.</param>
    public static Statement ToFind(string runs, string tenantId, string sessionId, string key) => new Statement(
            $"SELECT r.sha256, m.bytes, r.mime_type FROM {runs} JOIN media m ON m.tenant_id = r.tenant_id AND m.sha256 = r.sha256 "
            + "WHERE r.tenant_id = $1 AND (r.sha256 = $3 OR r.media_id = $3) LIMIT 1")
        .Add(ColumnType.Text, tenantId)
        .Add(ColumnType.Text, sessionId)
        .Add(ColumnType.Text, key);

    /// <summary>Takes down a place that is about to be written.</summary>
    public static Statement ToReserve(string tenantId, string location, long until) => new Statement(
            "INSERT INTO media_discards (tenant_id, location, due_at) VALUES ($1, $2, $3)")
        .Add(ColumnType.Text, tenantId)
        .Add(ColumnType.Text, location)
        .Add(ColumnType.Long, until);

    /// <summary>Gives places that are to be cleared.</summary>
    public static Statement ToDiscards(long now, int limit) => new Statement("SELECT tenant_id, location FROM media_discards WHERE due_at <= $1 ORDER BY due_at LIMIT $2")
        .Add(ColumnType.Long, now)
        .Add(ColumnType.Integer, limit);

    /// <summary>Forgets a place.</summary>
    public static Statement ToForget(string tenantId, string location) => new Statement("DELETE FROM media_discards WHERE tenant_id = $1 AND location = $2")
        .Add(ColumnType.Text, tenantId)
        .Add(ColumnType.Text, location);

    public static MediaPlace ReadPlace(DbDataReader row) => new(row.GetInt64(0), row.GetString(1));

    public static StoredMedia ReadMedia(DbDataReader row) => new(row.GetString(0), row.GetInt64(1), row.GetText(2));
}
