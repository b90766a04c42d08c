using System.Text;
using Cluster.Engine.Errors;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;
using ModelContextProtocol.Protocol;

namespace Cluster.Providers.Mcp;

/// <summary>What a server answered, as tools answer here.</summary>
internal static class McpAnswer
{
    /// <summary>Reads an answer.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="bound">Makes a text fit for the model.</param>
    /// <exception cref="InvalidRequestException">The tool says that it failed.</exception>
    public static ToolResult Read(CallToolResult answer, Func<string, string> bound)
    {
        var text = bound(Text(answer));
        if (answer.IsError == true)
        {
            throw new InvalidRequestException(text.Length == 0 ? "The tool failed and does not say why." : text);
        }

        var media = new RunMedia
        {
            Images = [.. answer.Content.OfType<ImageContentBlock>().Select(image => ToMedia(image.Data, image.MimeType))],
            Audio = [.. answer.Content.OfType<AudioContentBlock>().Select(audio => ToMedia(audio.Data, audio.MimeType))],
            Files = [.. answer.Content.OfType<EmbeddedResourceBlock>().Select(block => block.Resource).OfType<BlobResourceContents>().Select(ToMedia)],
        };
        var isEmpty = media.Images.IsEmpty && media.Audio.IsEmpty && media.Files.IsEmpty;
        return new ToolResult(text) { Media = isEmpty ? null : media };
    }

    /// <summary>Structured content is what the text says too, by the protocol; it stands in for a text that is missing.</summary>
    private static string Text(CallToolResult answer)
    {
        var lines = answer.Content.Select(Line).ToArray();
        return answer.StructuredContent is { } structured && !answer.Content.OfType<TextContentBlock>().Any()
            ? string.Join('\n', lines.Prepend(structured.GetRawText()))
            : string.Join('\n', lines);
    }

    private static string Line(ContentBlock block) => block switch
    {
        TextContentBlock text => text.Text,
        ImageContentBlock image => $"[A picture, {image.MimeType}, is added to the answer.]",
        AudioContentBlock audio => $"[A sound, {audio.MimeType}, is added to the answer.]",
        EmbeddedResourceBlock { Resource: TextResourceContents resource } => resource.Text,
        EmbeddedResourceBlock { Resource: { } resource } => $"[The file {resource.Uri} is added to the answer.]",
        ResourceLinkBlock link => $"{link.Name}: {link.Uri}{(link.Description is null ? string.Empty : $" ({link.Description})")}",
        _ => $"[{block.Type} cannot be shown.]",
    };

    private static Media ToMedia(BlobResourceContents resource) => ToMedia(resource.Blob, resource.MimeType ?? "application/octet-stream") with
    {
        Filename = resource.Uri[(resource.Uri.LastIndexOf('/') + 1)..],
    };

    private static Media ToMedia(ReadOnlyMemory<byte> base64, string mimeType) => new()
    {
        Id = Guid.NewGuid().ToString(),
        Content = Encoding.UTF8.GetString(base64.Span),
        MimeType = mimeType,
        Format = mimeType[(mimeType.IndexOf('/', StringComparison.Ordinal) + 1)..],
    };
}
