namespace Cluster.Storage.Blobs;

/// <summary>Holds bytes at places. Nothing is ever written twice to the same place.</summary>
internal interface IMediaBlobs
{
    /// <summary>Writes to a place. When the task ends, all of it is there to stay; before, nothing is to be seen.</summary>
    Task WriteAsync(string tenantId, string location, MediaUpload content, CancellationToken cancellationToken);

    /// <summary>Opens what is at a place. The stream can be read from anywhere on.</summary>
    /// <returns>The bytes; null when there are none.</returns>
    Task<Stream?> OpenAsync(string tenantId, MediaPlace place, CancellationToken cancellationToken);

    /// <summary>Clears a place, also one at which writing was broken off. A place that is empty stays so.</summary>
    Task DeleteAsync(string tenantId, string location, CancellationToken cancellationToken);
}

/// <summary>Content that is to be written.</summary>
/// <param name="Content">The bytes, which stand at their beginning.</param>
/// <param name="Bytes">How many there are.</param>
/// <param name="Sha256">Their hash.</param>
internal sealed record MediaUpload(Stream Content, long Bytes, string Sha256);
