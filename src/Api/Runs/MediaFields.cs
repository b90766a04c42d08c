using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Cluster.Api.Json;
using Cluster.Api.Validation;
using Cluster.Engine.Messages;

namespace Cluster.Api.Runs;

/// <summary>Reads media that come as JSON in a form field instead of as an upload.</summary>
internal static class MediaFields
{
    public static IReadOnlyList<Media> Read(TextFields fields, string name)
    {
        if (fields.Array(name) is not { } array)
        {
            return [];
        }

        try
        {
            var media = array.Deserialize(ApiJson.Context.ListMedia)!;
            return [.. media.Select((item, index) => Check(fields, name, item, index))];
        }
        catch (JsonException error)
        {
            // The exception's own message names our types.
            Refuse(fields, name, $"{error.Path ?? "$"} does not fit. Send an array of objects with url or content");
            return [];
        }
    }

    private static Media Check(TextFields fields, string name, Media? media, int index)
    {
        // A path would let any caller read the server's files.
        if (media is not { Filepath: null, Content: null or { Stored: null } } || (media.Url is null) == (media.Content is null))
        {
            Refuse(fields, name, "Each item needs exactly one of url and content; filepath is not taken from requests");
            return new Media();
        }

        CheckForm(fields, name, media, index);
        var type = media.MimeType ?? ToType(name, media);
        var isAudio = name == "audio";
        return media with
        {
            Id = media.Id ?? Guid.NewGuid().ToString(),
            MimeType = type,
            SampleRate = media.SampleRate ?? (isAudio ? Media.DefaultSampleRate : null),
            Channels = media.Channels ?? (isAudio ? Media.DefaultChannels : null),
            Content = ToContent(type, media.Content?.Text),
        };
    }

    private static void CheckForm(TextFields fields, string name, Media media, int index)
    {
        if (!IsAddress(media.Url))
        {
            Refuse(fields, name, $"$[{index}].url is no address. Use an absolute one with http or https");
        }
        else if (media.MimeType is not null && !IsType(media.MimeType))
        {
            Refuse(fields, name, $"$[{index}].mime_type is none. Use for instance image/png");
        }
        else if (!string.IsNullOrEmpty(media.Format) && !IsType($"{name}/{media.Format}"))
        {
            // The engine makes a type of it.
            Refuse(fields, name, $"$[{index}].format is none. Use for instance png");
        }
    }

    /// <summary>Gives the type that format and name tell. Pictures, sounds and videos have none when these tell nothing or another kind: for a model they still are what the field says.</summary>
    private static string? ToType(string name, Media media)
    {
        var told = MediaTypes.Resolve(MediaTypes.Resolve(null, $".{media.Format}"), media.Filename);
        var kind = name switch { "images" => "image/", "audio" => "audio/", "videos" => "video/", _ => string.Empty };
        return told.StartsWith(kind, StringComparison.Ordinal) ? told : null;
    }

    private static bool IsAddress(string? url) =>
        url is null || (Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https");

    private static bool IsType(string type) => MediaTypeHeaderValue.TryParse(type, out _);

    /// <summary>Content that is not base64 although it should be is taken as it is.</summary>
    private static string? ToContent(string? type, string? content) =>
        content is null || (type is not null && MediaTypes.IsText(type)) || System.Buffers.Text.Base64.IsValid(content) ? content : Convert.ToBase64String(Encoding.UTF8.GetBytes(content));

    private static void Refuse(TextFields fields, string name, string reason) =>
        fields.Refuse(new ValidationItem("value_error", ValidationItem.ToLoc("body", name), $"Value error, {reason}"));
}
