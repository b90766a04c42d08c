using System.Text;
using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Agents;

/// <summary>Turns stored messages into what chat clients take.</summary>
internal static class ChatMessages
{
    /// <summary>The additional property of a call under which clients keep what its provider wants back.</summary>
    private const string ExtraContent = "extra_content";

    /// <summary>Turns messages into what chat clients take.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="loaded">The content that they refer to, by its hash.</param>
    public static List<ChatMessage> From(IReadOnlyCollection<Message> messages, IReadOnlyDictionary<string, byte[]> loaded)
    {
        var chat = new List<ChatMessage>(messages.Count);
        foreach (var message in messages)
        {
            chat.Add(new ChatMessage(new ChatRole(message.Role), Contents(message, loaded)) { MessageId = message.Id });
        }

        return chat;
    }

    /// <summary>Reads the arguments that a model wrote.</summary>
    /// <returns>The object; null when the text is not a JSON object.</returns>
    public static JsonElement? ReadArguments(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return EngineJson.EmptyObject;
        }

        try
        {
            var arguments = UniqueMembers.Parse(WellFormedText.OfJson(text));
            return arguments.ValueKind == JsonValueKind.Object ? arguments : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes the arguments of a call. A client that could not read them keeps the model's own text under <c>arguments</c>.</summary>
    public static string WriteArguments(FunctionCallContent call)
    {
        if (call.Exception is not null)
        {
            return call.AdditionalProperties?.TryGetValue("arguments", out var raw) == true && raw is string text ? WellFormedText.Of(text) : "malformed arguments";
        }

        return JsonText.Write(call.Arguments, static (writer, arguments) =>
        {
            writer.WriteStartObject();
            foreach (var (name, value) in arguments ?? new Dictionary<string, object?>())
            {
                writer.WritePropertyName(name);
                WriteArgument(writer, value);
            }

            writer.WriteEndObject();
        });
    }

    private static void WriteArgument(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case JsonElement json:
                WellFormedElementConverter.Mend(json).WriteTo(writer);
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            default:
                JsonSerializer.Serialize(writer, value, AIJsonUtilities.DefaultOptions);
                break;
        }
    }

    /// <summary>Gives what the provider sent with a call and wants to get back with it. Clients keep it under <see cref="ExtraContent"/>.</summary>
    public static JsonElement? ExtraOf(FunctionCallContent call) =>
        call.AdditionalProperties?.TryGetValue(ExtraContent, out var extra) == true && extra is JsonElement { ValueKind: not JsonValueKind.Undefined } json ? json : null;

    private static List<AIContent> Contents(Message message, IReadOnlyDictionary<string, byte[]> loaded)
    {
        if (message.Role == MessageRole.Tool)
        {
            return [new FunctionResultContent(message.ToolCallId ?? string.Empty, message.Content ?? string.Empty)];
        }

        // Nearly all messages have one part.
        var contents = new List<AIContent>(1);
        contents.AddRange(Thoughts(message));
        if (!string.IsNullOrEmpty(message.Content) || message.ToolCalls is null)
        {
            contents.Add(new TextContent(message.Content ?? string.Empty));
        }

        if (message is not { Images: null, Audio: null, Videos: null, Files: null })
        {
            contents.AddRange(Attachments(message, loaded));
        }

        foreach (var call in message.ToolCalls ?? [])
        {
            contents.Add(ToContent(call));
        }

        return contents;
    }

    /// <summary>Some vendors refuse tool results without the thoughts that led to the calls, also those of earlier runs. Other thoughts of earlier runs are of no use to anyone.</summary>
    private static IEnumerable<AIContent> Thoughts(Message message) => message.Role == MessageRole.Assistant && (!message.FromHistory || message.ToolCalls is not null)
        ? SignedThoughts.Restore(message.ProviderData, message.ReasoningContent)
        : [];

    /// <summary>Content that is gone, for instance because its run was deleted while its session went on, is left out.</summary>
    private static IEnumerable<AIContent> Attachments(Message message, IReadOnlyDictionary<string, byte[]> loaded) =>
        new[] { ("image", message.Images), ("audio", message.Audio), ("video", message.Videos), ("application", message.Files) }
            .SelectMany(kind => (kind.Item2 ?? [])
                .Where(media => media.Content?.Stored is not { } stored || loaded.ContainsKey(stored.Sha256))
                .Select(media => ToContent(media, MimeType(media, kind.Item1), loaded)));

    /// <summary>A picture without a type is still a picture: clients leave out what they cannot tell apart.</summary>
    private static string MimeType(Media media, string kind) => media.MimeType ?? (kind, media.Format) switch
    {
        ("application", _) => "application/octet-stream",
        (_, null or "") => $"{kind}/*",
        (_, "jpg") => "image/jpeg",
        (_, "mp3") => "audio/mpeg",
        (_, var format) => $"{kind}/{format}",
    };

    private static FunctionCallContent ToContent(MessageToolCall call)
    {
        var arguments = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var member in ReadArguments(call.Function.Arguments)?.EnumerateObject() ?? default)
        {
            // Of a member that is there twice, the last counts.
            arguments[member.Name] = member.Value;
        }

        return new FunctionCallContent(call.Id, call.Function.Name, arguments)
        {
            AdditionalProperties = call.ExtraContent is { } extra ? new AdditionalPropertiesDictionary { [ExtraContent] = extra } : null,
        };
    }

    private static AIContent ToContent(Media media, string mimeType, IReadOnlyDictionary<string, byte[]> loaded)
    {
        if (media.Url is { } url)
        {
            return new UriContent(url, mimeType);
        }

        var bytes = media.Content?.Stored is { } stored ? loaded[stored.Sha256] : null;
        return mimeType.StartsWith("text/", StringComparison.Ordinal)
            ? new TextContent($"{media.Filename}\n{(bytes is null ? media.Content?.Text : Encoding.UTF8.GetString(bytes))}")
            : new DataContent(bytes ?? Convert.FromBase64String(media.Content?.Text ?? string.Empty), mimeType) { Name = media.Filename };
    }
}
