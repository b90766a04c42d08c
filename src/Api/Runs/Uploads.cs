using Cluster.Api.Errors;
using Cluster.Engine.Messages;

namespace Cluster.Api.Runs;

/// <summary>The files of a form, sorted by what a model takes them for.</summary>
internal sealed record Uploads
{
    private const string Field = "files";

    public List<Media> Images { get; } = [];

    public List<Media> Audios { get; } = [];

    public List<Media> Videos { get; } = [];

    public List<Media> Files { get; } = [];

    /// <summary>Reads the files of a form. Empty ones are left out.</summary>
    /// <param name="form">The form.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>The files.</returns>
    /// <exception cref="ApiException">A file is of no supported type.</exception>
    public static async Task<Uploads> ReadAsync(IFormCollection form, CancellationToken cancellationToken)
    {
        var uploads = new Uploads();
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
                target.Add(await ReadAsync(file, kind, cancellationToken));
            }
        }

        return uploads;
    }

    private static async Task<Media> ReadAsync(IFormFile file, MediaKind kind, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream((int)file.Length);
        await file.CopyToAsync(content, cancellationToken);
        var type = MediaTypes.Resolve(file.ContentType, file.FileName);
        return new Media
        {
            Id = Guid.NewGuid().ToString(),
            Format = MediaTypes.FormatOf(file.FileName, type),
            MimeType = type,
            SampleRate = kind == MediaKind.Audio ? Media.DefaultSampleRate : null,
            Channels = kind == MediaKind.Audio ? Media.DefaultChannels : null,
            Content = MediaTypes.Encode(type, content.GetBuffer().AsSpan(0, (int)content.Length)),
            Filename = kind == MediaKind.Document ? file.FileName : null,
        };
    }
}
