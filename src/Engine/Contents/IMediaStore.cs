using Cluster.Engine.Errors;
using Cluster.Engine.Messages;

namespace Cluster.Engine.Contents;

/// <summary>
/// Keeps the content of pictures, sounds, videos and files beside the logs of runs, once for each tenant and hash. Which run refers to what is recorded by
/// the store of the runs, together with their events.
/// </summary>
public interface IMediaStore
{
    /// <summary>Keeps content. It stays for the time of grace, and from then on as long as a run refers to it.</summary>
    /// <param name="tenantId">Whose it is.</param>
    /// <param name="content">The content, from where it stands to its end.</param>
    /// <param name="cancellationToken">Stops; nothing is kept then.</param>
    /// <returns>What to find it by, when it is durable.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    Task<MediaReference> PutAsync(string tenantId, Stream content, CancellationToken cancellationToken = default);

    /// <summary>Opens content. The stream can be read from any place on.</summary>
    /// <param name="tenantId">Whose it is.</param>
    /// <param name="sha256">Its hash.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The content, which the caller disposes of; null when there is none.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    Task<Stream?> OpenAsync(string tenantId, string sha256, CancellationToken cancellationToken = default);

    /// <summary>Looks for content to which a run of a session refers.</summary>
    /// <param name="tenantId">Whose it is.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="key">The hash of the content, or the id of the picture, sound, video or file.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The content; null when no run of the session refers to it.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    Task<StoredMedia?> FindAsync(string tenantId, string sessionId, string key, CancellationToken cancellationToken = default);

    /// <summary>Takes away content to which nothing refers any more, or to which nothing came to refer within the time of grace.</summary>
    /// <param name="cancellationToken">Stops between two of them.</param>
    /// <returns>How many were taken away.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    Task<int> SweepAsync(CancellationToken cancellationToken = default);
}

/// <summary>Content to which a session refers.</summary>
/// <param name="Sha256">Its hash.</param>
/// <param name="Bytes">How many bytes there are.</param>
/// <param name="MimeType">What it is, as whoever sent it said; null when nobody did.</param>
public sealed record StoredMedia(string Sha256, long Bytes, string? MimeType);

/// <summary>A place in a run that refers to content.</summary>
/// <param name="Sha256">The hash of the content.</param>
/// <param name="MediaId">The id of the picture, sound, video or file; empty without one.</param>
/// <param name="MimeType">What it is; null when that is not known.</param>
public readonly record struct MediaUse(string Sha256, string MediaId, string? MimeType);
