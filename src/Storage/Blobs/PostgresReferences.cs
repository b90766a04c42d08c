using Cluster.Engine.Contents;
using Cluster.Engine.Scopes;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Blobs;

/// <summary>Writes what runs refer to in the statement that writes the runs.</summary>
internal static class PostgresReferences
{
    /// <summary>
    /// Adds a part to a statement with parts. Only content that is there is referred to, and nobody lets it go before the transaction ends; what is gone, for
    /// instance with an earlier run of the session, must not keep a run from going on.
    /// </summary>
    /// <param name="statement">The statement, which has begun with <c>WITH</c>.</param>
    /// <param name="rows">What is referred to.</param>
    /// <param name="condition">Which of the items, <c>i</c>, count.</param>
    /// <returns>The same statement.</returns>
    public static Statement AppendReferences(this Statement statement, IReadOnlyList<ReferenceRow> rows, string condition)
    {
        // In one order, so that nobody waits in a circle.
        ReferenceRow[] ordered = [.. rows.Distinct().OrderBy(row => row.Tenant.Value, StringComparer.Ordinal).ThenBy(row => row.Use.Sha256, StringComparer.Ordinal)];
        return statement
            .Append(", referred AS (INSERT INTO media_references (tenant_id, run_id, sha256, media_id, mime_type) SELECT m.tenant_id, i.run_id, m.sha256, i.media_id, i.mime_type FROM unnest(")
            .AppendColumn(ColumnType.Text, ordered, row => row.Tenant.Value)
            .Append(", ").AppendColumn(ColumnType.Integer, ordered, row => row.Item)
            .Append(", ").AppendColumn(ColumnType.Text, ordered, row => row.RunId)
            .Append(", ").AppendColumn(ColumnType.Text, ordered, row => row.Use.Sha256)
            .Append(", ").AppendColumn(ColumnType.Text, ordered, row => row.Use.MediaId)
            .Append(", ").AppendColumn(ColumnType.Text, ordered, row => row.Use.MimeType)
            .Append(") AS i (tenant_id, item, run_id, sha256, media_id, mime_type) JOIN media m ON m.tenant_id = i.tenant_id AND m.sha256 = i.sha256 ")
            .Append($"WHERE {condition} FOR KEY SHARE OF m ON CONFLICT (tenant_id, run_id, sha256, media_id) DO NOTHING)");
    }
}

/// <summary>A run refers to content.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Item">The item of the statement that the run is, from 1; 0 where that does not matter.</param>
/// <param name="RunId">The run.</param>
/// <param name="Use">What it refers to.</param>
internal readonly record struct ReferenceRow(TenantId Tenant, int Item, string RunId, MediaUse Use);
