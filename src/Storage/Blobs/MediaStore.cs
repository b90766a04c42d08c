using System.Buffers;
using System.Security.Cryptography;
using Cluster.Engine.Contents;
using Cluster.Engine.Messages;
using Microsoft.Extensions.Options;

namespace Cluster.Storage.Blobs;

/// <summary>
/// Keeps content at places that a database knows. A place is taken down before it is written and after its content is let go, so whatever is broken off leaves
/// nothing that is not cleared later; and as each writing has a place of its own, clearing one never hits what somebody else has just written.
/// </summary>
/// <param name="index">Knows the places.</param>
/// <param name="blobs">The places.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="options">How long content stays to which nothing refers yet.</param>
internal sealed class MediaStore(IMediaIndex index, IMediaBlobs blobs, TimeProvider timeProvider, IOptions<MediaOptions> options) : IMediaStore
{
    private const int PageSize = 100;
    private const int BufferBytes = 128 * 1024;

    private long Now => timeProvider.GetUtcNow().ToUnixTimeSeconds();

    private long HeldUntil => (timeProvider.GetUtcNow() + options.Value.Grace).ToUnixTimeSeconds();

    /// <inheritdoc/>
    public async Task<MediaReference> PutAsync(string tenantId, Stream content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);

        // The hash comes first: what is there already need not be written again.
        await using var spool = content.CanSeek ? null : await SpoolAsync(content, cancellationToken);
        var source = spool ?? content;
        var begin = source.Position;
        var (sha256, bytes) = await HashAsync(source, cancellationToken);
        if (!await index.HoldAsync(tenantId, sha256, HeldUntil, cancellationToken))
        {
            source.Position = begin;
            var location = $"{sha256[..2]}/{sha256[2..]}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
            await index.ReserveAsync(tenantId, location, HeldUntil, cancellationToken);
            await blobs.WriteAsync(tenantId, location, new MediaUpload(source, bytes, sha256), cancellationToken);
            await index.AddAsync(tenantId, sha256, new MediaPlace(bytes, location), Now, HeldUntil, cancellationToken);
        }

        return new MediaReference(sha256, bytes);
    }

    /// <inheritdoc/>
    public async Task<Stream?> OpenAsync(string tenantId, string sha256, CancellationToken cancellationToken = default) =>
        await index.FindAsync(tenantId, sha256, cancellationToken) is { } place ? await blobs.OpenAsync(tenantId, place, cancellationToken) : null;

    /// <inheritdoc/>
    public Task<StoredMedia?> FindAsync(string tenantId, string sessionId, string key, CancellationToken cancellationToken = default) =>
        index.FindAsync(tenantId, sessionId, key, cancellationToken);

    /// <inheritdoc/>
    public async Task<int> SweepAsync(CancellationToken cancellationToken = default)
    {
        var total = 0;
        for (var seen = PageSize; seen == PageSize;)
        {
            (seen, var gone) = await index.ReleaseAsync(Now, PageSize, cancellationToken);
            total += gone;
        }

        for (var seen = PageSize; seen == PageSize;)
        {
            var discards = await index.ListDiscardsAsync(Now, PageSize, cancellationToken);
            foreach (var (tenantId, location) in discards)
            {
                await blobs.DeleteAsync(tenantId, location, cancellationToken);
                await index.ForgetAsync(tenantId, location, cancellationToken);
            }

            seen = discards.Count;
        }

        return total;
    }

    /// <summary>Content that can be read only once is put aside, where nobody else sees it.</summary>
    private static async Task<FileStream> SpoolAsync(Stream content, CancellationToken cancellationToken)
    {
        var file = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, BufferBytes, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        await content.CopyToAsync(file, BufferBytes, cancellationToken);
        file.Position = 0;
        return file;
    }

    private static async Task<(string Sha256, long Bytes)> HashAsync(Stream content, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var bytes = 0L;
            for (int read; (read = await content.ReadAsync(buffer, cancellationToken)) > 0; bytes += read)
            {
                hash.AppendData(buffer, 0, read);
            }

            return (Convert.ToHexStringLower(hash.GetHashAndReset()), bytes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
