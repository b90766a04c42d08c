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
            return [.. media.Select(item => Check(fields, name, item))];
        }
        catch (JsonException error)
        {
            Refuse(fields, name, JsonFields.Describe(error));
            return [];
        }
    }

    private static Media Check(TextFields fields, string name, Media? media)
    {
        // A path would let any caller read the server's files.
        if (media is not { Filepath: null } || (media.Url is null) == (media.Content is null))
        {
            Refuse(fields, name, "Each item needs exactly one of url and content; filepath is not taken from requests");
            return new Media();
        }

        var type = media.MimeType ?? MediaTypes.Resolve(null, media.Filename);
        return media with { Id = media.Id ?? Guid.NewGuid().ToString(), MimeType = type, Content = ToContent(type, media.Content) };
    }

    /// <summary>Content that is not base64 although it should be is taken as it is.</summary>
    private static string? ToContent(string type, string? content) =>
        content is null || MediaTypes.IsText(type) || System.Buffers.Text.Base64.IsValid(content) ? content : Convert.ToBase64String(Encoding.UTF8.GetBytes(content));

    private static void Refuse(TextFields fields, string name, string reason) =>
        fields.Refuse(new ValidationItem("value_error", ValidationItem.ToLoc("body", name), $"Value error, {reason}"));
}
