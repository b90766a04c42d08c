using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Errors;

namespace Cluster.Storage.Blobs;

/// <summary>Holds content in files of a directory, a place for each.</summary>
/// <param name="root">The directory, which is created with the first file.</param>
internal sealed class DirectoryBlobs(string root) : IMediaBlobs
{
    /// <summary>What the name of a file ends with while it is written.</summary>
    public const string DraftSuffix = ".draft";

    private const int BufferBytes = 128 * 1024;

    /// <inheritdoc/>
    [SuppressMessage("Performance", "CA1849:Call async methods when in an async method", Justification = "Nothing else sees to it that bytes are on the disk.")]
    public async Task WriteAsync(string tenantId, string location, MediaUpload content, CancellationToken cancellationToken)
    {
        var file = FileOf(tenantId, location);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await using (var written = new FileStream(DraftOf(file), FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes, FileOptions.Asynchronous))
            {
                await content.Content.CopyToAsync(written, BufferBytes, cancellationToken);
                written.Flush(flushToDisk: true);
            }

            File.Move(DraftOf(file), file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"Content cannot be written to '{root}': {failure.Message}", failure);
        }
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(string tenantId, MediaPlace place, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult<Stream?>(new FileStream(
                FileOf(tenantId, place.Location), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, BufferBytes, FileOptions.Asynchronous));
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"Content cannot be read from '{root}': {failure.Message}", failure);
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string tenantId, string location, CancellationToken cancellationToken)
    {
        var file = FileOf(tenantId, location);
        try
        {
            File.Delete(DraftOf(file));
            File.Delete(file);
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing was written there.
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"Content cannot be deleted from '{root}': {failure.Message}", failure);
        }

        return Task.CompletedTask;
    }

    /// <summary>Gives the file of a place. Tenants have directories of their own; the name of the default one is not shown.</summary>
    internal string FileOf(string tenantId, string location) => tenantId == Engine.Scopes.TenantId.Default.Value
        ? Path.Combine(root, location)
        : Path.Combine(root, "tenants", Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(tenantId)), location);

    private static string DraftOf(string file) => file + DraftSuffix;
}
