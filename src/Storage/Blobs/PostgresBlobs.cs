using System.Buffers;
using Cluster.Storage.Postgres;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Blobs;

/// <summary>Holds content in rows of PostgreSQL, in parts: neither side has more than one of them in memory.</summary>
/// <param name="database">The database.</param>
internal sealed class PostgresBlobs(PostgresDatabase database) : IMediaBlobs
{
    private const int PartBytes = 1024 * 1024;

    /// <inheritdoc/>
    public Task WriteAsync(string tenantId, string location, MediaUpload content, CancellationToken cancellationToken)
    {
        var begin = content.Content.Position;
        return database.RunAsync(
            async (connection, token) =>
            {
                content.Content.Position = begin;
                var part = ArrayPool<byte>.Shared.Rent(PartBytes);
                await using var transaction = await connection.BeginTransactionAsync(token);
                try
                {
                    for (int number = 0, count; (count = await content.Content.ReadAtLeastAsync(part.AsMemory(0, PartBytes), PartBytes, throwOnEndOfStream: false, token)) > 0; number++)
                    {
                        await ToInsert(tenantId, location, number, part.AsMemory(0, count)).ExecuteAsync(connection, token);
                    }
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(part);
                }

                await transaction.CommitAsync(token);
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(string tenantId, MediaPlace place, CancellationToken cancellationToken) =>
        Task.FromResult<Stream?>(new Parts(database, tenantId, place));

    /// <inheritdoc/>
    public Task DeleteAsync(string tenantId, string location, CancellationToken cancellationToken)
    {
        var statement = new Statement("DELETE FROM media_chunks WHERE tenant_id = $1 AND location = $2").Add(ColumnType.Text, tenantId).Add(ColumnType.Text, location);
        return database.RunAsync((connection, token) => statement.QueryAsync(connection, _ => true, token), cancellationToken);
    }

    /// <summary>A write whose answer was lost is sent again.</summary>
    private static Statement ToInsert(string tenantId, string location, int number, ReadOnlyMemory<byte> part) => new Statement(
            "INSERT INTO media_chunks (tenant_id, location, number, content) VALUES ($1, $2, $3, $4) ON CONFLICT (tenant_id, location, number) DO NOTHING")
        .Add(ColumnType.Text, tenantId)
        .Add(ColumnType.Text, location)
        .Add(ColumnType.Integer, number)
        .Add(ColumnType.Bytes, part);

    private sealed class Parts(PostgresDatabase database, string tenantId, MediaPlace place) : PartedStream(place.Bytes)
    {
        protected override async ValueTask<(long At, ReadOnlyMemory<byte> Part)> FetchAsync(long position, CancellationToken cancellationToken)
        {
            var number = (int)(position / PartBytes);
            var statement = new Statement("SELECT content FROM media_chunks WHERE tenant_id = $1 AND location = $2 AND number = $3")
                .Add(ColumnType.Text, tenantId)
                .Add(ColumnType.Text, place.Location)
                .Add(ColumnType.Integer, number);
            var parts = await database.RunAsync((connection, token) => statement.QueryAsync(connection, row => row.GetFieldValue<byte[]>(0), token), cancellationToken);
            return ((long)number * PartBytes, parts.SingleOrDefault());
        }
    }
}
