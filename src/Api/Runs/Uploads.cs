using System.Collections.Immutable;
using Cluster.Api.Errors;
using Cluster.Engine.Contents;
using Cluster.Engine.Errors;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>The files of a form, sorted by what a model takes them for. Large ones stay where the form put them until the request is known to be fine.</summary>
/// <param name="media">Where their content goes.</param>
internal sealed class Uploads(MediaContents media)
{
    private const string Field = "files";

    private readonly Dictionary<string, IFormFile> _waiting = new(StringComparer.Ordinal);

    public List<Media> Images { get; } = [];

    public List<Media> Audios { get; } = [];

    public List<Media> Videos { get; } = [];

    public List<Media> Files { get; } = [];

    /// <summary>Reads the files of a form. Empty ones are left out.</summary>
    /// <param name="form">The form.</param>
    /// <param name="media">Where their content goes.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>The files.</returns>
    /// <exception cref="ApiException">A file is of no supported type.</exception>
    public static async Task<Uploads> ReadAsync(IFormCollection form, MediaContents media, CancellationToken cancellationToken)
    {
        var uploads = new Uploads(media);
        foreach (var file in form.Files.Where(file => file.Name == Field))
        {
            var kind = MediaTypes.KindOf(file.ContentType, file.FileName);
            var target = kind switch
            {
                MediaKind.Image => uploads.Images,
                MediaKind.Audio => uploads.Audios,
                MediaKind.Video => uploads.Videos,
                MediaKind.Document => uploads.Files,
                _ => throw ApiException.BadRequest("Unsupported file type"),
            };
            if (file.Length > 0)
            {
                target.Add(await uploads.ReadAsync(file, kind, cancellationToken));
            }
        }

        return uploads;
    }

    /// <summary>Puts what waits into the media store.</summary>
    /// <param name="input">The input in which it stands.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>The input, which refers to the store.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    public async Task<RunInput> PutAsync(RunInput input, CancellationToken cancellationToken) => _waiting.Count == 0 ? input : input with
    {
        Images = await PutAsync(input.Images, cancellationToken),
        Videos = await PutAsync(input.Videos, cancellationToken),
        Audios = await PutAsync(input.Audios, cancellationToken),
        Files = await PutAsync(input.Files, cancellationToken),
    };

    private async Task<ImmutableArray<Media>?> PutAsync(ImmutableArray<Media>? all, CancellationToken cancellationToken)
    {
        for (var i = 0; i < (all?.Length ?? 0); i++)
        {
            if (_waiting.TryGetValue(all!.Value[i].Id!, out var file))
            {
                await using var content = file.OpenReadStream();
                var stored = await media.PutAsync(content, cancellationToken);
                all = all.Value.SetItem(i, all.Value[i] with { Content = MediaContent.FromMediaReference(stored) });
            }
        }

        return all;
    }

    private async Task<Media> ReadAsync(IFormFile file, MediaKind kind, CancellationToken cancellationToken)
    {
        var type = MediaTypes.Resolve(file.ContentType, file.FileName);
        var id = Guid.NewGuid().ToString();
        return new Media
        {
            Id = id,
            Format = MediaTypes.FormatOf(file.FileName, type),
            MimeType = type,
            SampleRate = kind == MediaKind.Audio ? Media.DefaultSampleRate : null,
            Channels = kind == MediaKind.Audio ? Media.DefaultChannels : null,
            Content = media.HasStore && !MediaTypes.IsText(type) && file.Length > MediaContents.InlineLength ? Wait(id, file) : await ReadContentAsync(file, type, cancellationToken),
            Filename = kind == MediaKind.Document ? file.FileName : null,
        };
    }

    /// <summary>Until it is put there, only its size is of interest.</summary>
    private MediaContent Wait(string id, IFormFile file)
    {
        _waiting.Add(id, file);
        return MediaContent.FromMediaReference(new MediaReference(string.Empty, file.Length));
    }

    private static async Task<string> ReadContentAsync(IFormFile file, string type, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream((int)file.Length);
        await file.CopyToAsync(content, cancellationToken);
        return MediaTypes.Encode(type, content.GetBuffer().AsSpan(0, (int)content.Length));
    }
}
