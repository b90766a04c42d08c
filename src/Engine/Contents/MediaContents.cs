using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;

namespace Cluster.Engine.Contents;

/// <summary>Moves the content of media between records and the media store.</summary>
/// <param name="store">The media store; null where there is none, and then content stays in the records.</param>
/// <param name="tenant">Whose content it is; null for the default tenant's.</param>
public sealed class MediaContents(IMediaStore? store = null, TenantId? tenant = null)
{
    private readonly string _tenant = (tenant ?? TenantId.Default).Value;

    /// <summary>Content of so many characters or fewer stays where it is: a reference, its row and a look-up would cost more than they save.</summary>
    public const int InlineLength = 4 * 1024;

    /// <summary>Gets what leaves content in the records.</summary>
    public static MediaContents Inline { get; } = new();

    /// <summary>Gets a value indicating whether there is a media store.</summary>
    public bool HasStore => store is not null;

    /// <summary>Puts content into the store.</summary>
    /// <param name="content">The content, from where it stands to its end.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>What to find it by.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    /// <exception cref="InvalidOperationException">There is no store.</exception>
    public Task<MediaReference> PutAsync(Stream content, CancellationToken cancellationToken) =>
        (store ?? throw new InvalidOperationException("There is no media store.")).PutAsync(_tenant, content, cancellationToken);

    /// <summary>Opens content. The stream can be read from any place on.</summary>
    /// <param name="sha256">Its hash.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The content, which the caller disposes of; null when there is none.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    public Task<Stream?> OpenAsync(string sha256, CancellationToken cancellationToken) =>
        store?.OpenAsync(_tenant, sha256, cancellationToken) ?? Task.FromResult<Stream?>(null);

    /// <summary>Looks for content to which a run of a session refers.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="key">The hash of the content, or the id of the picture, sound, video or file.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The content; null when no run of the session refers to it.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    public Task<StoredMedia?> FindAsync(string sessionId, string key, CancellationToken cancellationToken) =>
        store?.FindAsync(_tenant, sessionId, key, cancellationToken) ?? Task.FromResult<StoredMedia?>(null);

    /// <summary>Moves what is large in an input into the store.</summary>
    /// <param name="input">The input.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>The input, which refers to the store.</returns>
    public async ValueTask<RunInput> KeepAsync(RunInput input, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(input);
        return !IsAny(input, IsLarge) ? input : input with
        {
            Images = await EachAsync(input.Images, KeepAsync, cancellationToken),
            Videos = await EachAsync(input.Videos, KeepAsync, cancellationToken),
            Audios = await EachAsync(input.Audios, KeepAsync, cancellationToken),
            Files = await EachAsync(input.Files, KeepAsync, cancellationToken),
        };
    }

    /// <summary>Moves what is large of what a tool made into the store.</summary>
    /// <param name="made">What it made; null for nothing.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>What it made, which refers to the store.</returns>
    public async ValueTask<RunMedia?> KeepAsync(RunMedia? made, CancellationToken cancellationToken) => made is null || store is null ? made : new RunMedia
    {
        Images = await EachAsync(made.Images, KeepAsync, cancellationToken) ?? [],
        Videos = await EachAsync(made.Videos, KeepAsync, cancellationToken) ?? [],
        Audio = await EachAsync(made.Audio, KeepAsync, cancellationToken) ?? [],
        Files = await EachAsync(made.Files, KeepAsync, cancellationToken) ?? [],
    };

    /// <summary>Brings what an input refers to into it, for those who have to look at it.</summary>
    /// <param name="input">The input.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>The input with all its content. What is gone is empty.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    public async ValueTask<RunInput> BringAsync(RunInput input, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(input);
        return !IsAny(input, IsStored) ? input : input with
        {
            Images = await EachAsync(input.Images, BringAsync, cancellationToken),
            Videos = await EachAsync(input.Videos, BringAsync, cancellationToken),
            Audios = await EachAsync(input.Audios, BringAsync, cancellationToken),
            Files = await EachAsync(input.Files, BringAsync, cancellationToken),
        };
    }

    /// <summary>Reads what messages refer to, for a model.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>The content by its hash. What is gone is left out.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    internal async ValueTask<IReadOnlyDictionary<string, byte[]>> LoadAsync(IEnumerable<Message> messages, CancellationToken cancellationToken)
    {
        Dictionary<string, byte[]>? loaded = null;
        foreach (var message in messages.Where(message => message is not { Images: null, Audio: null, Videos: null, Files: null }))
        {
            foreach (var media in message.Attached)
            {
                if (media.Content?.Stored is { } stored && loaded?.ContainsKey(stored.Sha256) != true && await ReadAsync(stored, cancellationToken) is { } bytes)
                {
                    (loaded ??= new Dictionary<string, byte[]>(StringComparer.Ordinal))[stored.Sha256] = bytes;
                }
            }
        }

        return (IReadOnlyDictionary<string, byte[]>?)loaded ?? ImmutableDictionary<string, byte[]>.Empty;
    }

    /// <summary>Reads content, wherever it is kept.</summary>
    /// <param name="media">What it is the content of.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>The bytes; null when there is no content or it is gone.</returns>
    internal async ValueTask<byte[]?> ReadAsync(Media media, CancellationToken cancellationToken) => media.Content switch
    {
        null => null,
        { Stored: { } stored } => await ReadAsync(stored, cancellationToken),
        { Text: var text } => IsText(media) ? Encoding.UTF8.GetBytes(text!) : Convert.FromBase64String(text!),
    };

    private static bool IsText(Media media) => media.MimeType?.StartsWith("text/", StringComparison.OrdinalIgnoreCase) == true;

    private static bool IsAny(RunInput input, Func<Media, bool> condition) =>
        input is not { Images: null, Videos: null, Audios: null, Files: null }
        && ((input.Images ?? []).Any(condition) || (input.Videos ?? []).Any(condition) || (input.Audios ?? []).Any(condition) || (input.Files ?? []).Any(condition));

    private static async ValueTask<ImmutableArray<Media>?> EachAsync(
        ImmutableArray<Media>? all, Func<Media, CancellationToken, ValueTask<Media>> change, CancellationToken cancellationToken)
    {
        if (all is not { IsDefaultOrEmpty: false } some)
        {
            return all;
        }

        var changed = ImmutableArray.CreateBuilder<Media>(some.Length);
        foreach (var media in some)
        {
            changed.Add(await change(media, cancellationToken));
        }

        return changed.MoveToImmutable();
    }

    private static bool IsStored(Media media) => media.Content?.Stored is not null;

    private bool IsLarge(Media media) => store is not null && media.Content?.Text is { Length: > InlineLength };

    private async ValueTask<Media> KeepAsync(Media media, CancellationToken cancellationToken)
    {
        if (!IsLarge(media) || Decode(media, media.Content!.Text!) is not { } bytes)
        {
            return media;
        }

        try
        {
            using var content = new MemoryStream(bytes.Bytes, writable: false);
            var stored = await store!.PutAsync(_tenant, content, cancellationToken);
            return media with { Content = MediaContent.FromMediaReference(stored with { Characters = bytes.Characters }) };
        }
        catch (UnavailableException)
        {
            // What a tool made must not be lost, and an input is refused by the store of the runs when that is away too.
            return media;
        }
    }

    /// <summary>Gives the bytes from which the very same text can be made again; null when that cannot be, for instance for base64 with line breaks.</summary>
    private static (byte[] Bytes, long? Characters)? Decode(Media media, string text)
    {
        if (IsText(media))
        {
            text = WellFormedText.Of(text);
            return (Encoding.UTF8.GetBytes(text), text.Length);
        }

        var bytes = new byte[text.Length / 4 * 3];
        return text.Length % 4 == 0 && Base64.IsValid(text) && Convert.TryFromBase64String(text, bytes, out var count) && (count + 2) / 3 * 4 == text.Length && IsCanonical(text, count)
            ? (count == bytes.Length ? bytes : bytes[..count], null)
            : null;
    }

    /// <summary>The bits behind the last byte may be anything in base64 that others have written.</summary>
    private static bool IsCanonical(string text, int count) =>
        count % 3 == 0 || Convert.ToBase64String(Convert.FromBase64String(text[^4..])) == text[^4..];

    private async ValueTask<Media> BringAsync(Media media, CancellationToken cancellationToken)
    {
        if (media.Content?.Stored is not { } stored)
        {
            return media;
        }

        var bytes = await ReadAsync(stored, cancellationToken) ?? [];
        return media with { Content = stored.Characters is null ? Convert.ToBase64String(bytes) : Encoding.UTF8.GetString(bytes) };
    }

    private async ValueTask<byte[]?> ReadAsync(MediaReference stored, CancellationToken cancellationToken)
    {
        await using var content = await OpenAsync(stored.Sha256, cancellationToken);
        if (content is null)
        {
            return null;
        }

        var bytes = new byte[stored.Bytes];
        await content.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }
}
