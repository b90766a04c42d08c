using System.Security.Cryptography;
using Cluster.Engine.Contents;
using Cluster.Engine.Errors;
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
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(source, cancellationToken));
        var bytes = source.Position - begin;
        if (!await index.HoldAsync(tenantId, sha256, HeldUntil, cancellationToken))
        {
            source.Position = begin;
            var location = $"{sha256[..2]}/{sha256[2..]}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
            await index.ReserveAsync(tenantId, location, HeldUntil, cancellationToken);
            await blobs.WriteAsync(tenantId, location, new MediaUpload(source, bytes, sha256), cancellationToken);
            if (!await index.AddAsync(tenantId, sha256, new MediaPlace(bytes, location), Now, HeldUntil, cancellationToken))
            {
                throw new UnavailableException("Writing the content took longer than content stays to which nothing refers. Try again, or raise Media:Grace.");
            }
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

        UnavailableException? failure = null;
        for (var cleared = PageSize; cleared == PageSize;)
        {
            cleared = 0;
            foreach (var (tenantId, location) in await index.ListDiscardsAsync(Now, PageSize, cancellationToken))
            {
                try
                {
                    await blobs.DeleteAsync(tenantId, location, cancellationToken);
                    await index.ForgetAsync(tenantId, location, cancellationToken);
                    cleared++;
                }
                catch (UnavailableException refused)
                {
                    // Others can be cleared all the same.
                    failure ??= refused;
                }
            }
        }

        return failure is null ? total : throw failure;
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
}
