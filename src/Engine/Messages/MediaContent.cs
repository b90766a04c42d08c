using System.Text.Json.Serialization;
using Cluster.Engine.Json;

namespace Cluster.Engine.Messages;

/// <summary>
/// What is in a picture, sound, video or file: either at hand as a text, or in the media store and referred to. Clients only ever see the text; references
/// stand in logs, records and grain calls.
/// </summary>
[JsonConverter(typeof(MediaContentConverter))]
public sealed record MediaContent
{
    private MediaContent(string? text, MediaReference? stored) => (Text, Stored) = (text, stored);

    /// <summary>Gets the content as clients see it, plain text or base64; null when it is in the media store.</summary>
    public string? Text { get; }

    /// <summary>Gets what to find the content by in the media store; null when it is at hand.</summary>
    public MediaReference? Stored { get; }

    /// <summary>Gets how many characters clients see.</summary>
    public long Length => Text?.Length ?? Stored!.Length;

    /// <summary>Takes a text for the content.</summary>
    /// <param name="text">Plain text or base64; null for no content.</param>
    public static implicit operator MediaContent?(string? text) => FromString(text);

    /// <summary>Refers to content in the media store.</summary>
    /// <param name="stored">What to find it by.</param>
    public static implicit operator MediaContent(MediaReference stored) => FromMediaReference(stored);

    /// <summary>Takes a text for the content.</summary>
    /// <param name="text">Plain text or base64; null for no content.</param>
    /// <returns>The content; null for none.</returns>
    public static MediaContent? FromString(string? text) => text is null ? null : new MediaContent(text, null);

    /// <summary>Refers to content in the media store.</summary>
    /// <param name="stored">What to find it by.</param>
    /// <returns>The content.</returns>
    public static MediaContent FromMediaReference(MediaReference stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        return new MediaContent(null, stored);
    }

    /// <summary>Gives the text, or in words what is referred to.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Text ?? $"{Stored!.Bytes} bytes with the hash {Stored.Sha256}";
}

/// <summary>Refers to content in the media store.</summary>
/// <param name="Sha256">The hash of the bytes, 64 hexadecimal digits in lower case.</param>
/// <param name="Bytes">How many bytes there are.</param>
public sealed record MediaReference(string Sha256, long Bytes)
{
    /// <summary>Gets how many characters the text has whose UTF-8 the bytes are; null for bytes that clients see as base64.</summary>
    public long? Characters { get; init; }

    /// <summary>Gets how many characters clients see.</summary>
    internal long Length => Characters ?? (Bytes + 2) / 3 * 4;
}
