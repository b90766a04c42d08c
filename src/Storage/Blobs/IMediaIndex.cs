namespace Cluster.Storage.Blobs;

/// <summary>What a database knows of content: where it is, and what may go.</summary>
internal interface IMediaIndex
{
    /// <summary>Finds content.</summary>
    /// <returns>Where it is; null when there is none.</returns>
    Task<MediaPlace?> FindAsync(string tenantId, string sha256, CancellationToken cancellationToken);

    /// <summary>Finds content to which a run of a session refers.</summary>
    /// <returns>Its hash, its size and what it is; null when there is none.</returns>
    Task<Engine.Contents.StoredMedia?> FindAsync(string tenantId, string sessionId, string key, CancellationToken cancellationToken);

    /// <summary>Finds content and sees to it that it is not swept for a while.</summary>
    /// <param name="tenantId">Whose it is.</param>
    /// <param name="sha256">Its hash.</param>
    /// <param name="until">Until when, in Unix seconds.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>True when it is there.</returns>
    Task<bool> HoldAsync(string tenantId, string sha256, long until, CancellationToken cancellationToken);

    /// <summary>Takes down a place that is about to be written, so that it is cleared when nobody comes to say that it was.</summary>
    Task ReserveAsync(string tenantId, string location, long until, CancellationToken cancellationToken);

    /// <summary>Adds content that was written to the place, unless somebody else was faster; then the place is cleared.</summary>
    /// <returns>False when the place was not held long enough, and may be cleared already.</returns>
    Task<bool> AddAsync(string tenantId, string sha256, MediaPlace place, long now, long until, CancellationToken cancellationToken);

    /// <summary>Lets go of content to which nothing refers and whose time has come. Its places are to be cleared.</summary>
    /// <returns>How many were looked at, and how many are gone.</returns>
    Task<(int Seen, int Gone)> ReleaseAsync(long now, int limit, CancellationToken cancellationToken);

    /// <summary>Gives places that are to be cleared.</summary>
    Task<IReadOnlyList<(string TenantId, string Location)>> ListDiscardsAsync(long now, int limit, CancellationToken cancellationToken);

    /// <summary>Forgets a place that was cleared.</summary>
    Task ForgetAsync(string tenantId, string location, CancellationToken cancellationToken);
}

/// <summary>Where content is.</summary>
/// <param name="Bytes">How many bytes there are.</param>
/// <param name="Location">The place.</param>
internal sealed record MediaPlace(long Bytes, string Location);
