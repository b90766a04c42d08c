using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Engine.Errors;
using Cluster.Providers.Models.Wire;
using Microsoft.Extensions.AI;

namespace Cluster.Providers.Models;

/// <summary>Writes the messages of a chat completion.</summary>
/// <param name="vendor">Who gets them.</param>
internal sealed class OpenAIMessages(ModelVendor vendor)
{
    /// <summary>Stands behind the model's own words where these may not be the last.</summary>
    internal const string GoOn = "Now answer.";

    private readonly CallIds _ids = new(vendor.Dialect.CallIds);

    /// <summary>Writes a conversation.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="instructions">What goes before it as a system message; null for nothing.</param>
    /// <returns>The messages.</returns>
    public JsonArray Write(IEnumerable<ChatMessage> messages, string? instructions)
    {
        var written = new JsonArray();
        if (!string.IsNullOrEmpty(instructions))
        {
            written.Add((JsonNode)Text(vendor.Dialect.SystemRole, instructions));
        }

        foreach (var message in messages.SelectMany(Write))
        {
            written.Add((JsonNode)message);
        }

        if (vendor.Dialect.EndsWithUser && written is [.., JsonObject last] && (string?)last["role"] == "assistant")
        {
            written.Add((JsonNode)Text("user", GoOn));
        }

        return written;
    }

    private IEnumerable<JsonObject> Write(ChatMessage message)
    {
        var results = message.Contents.OfType<FunctionResultContent>().ToArray();
        foreach (var result in results)
        {
            yield return new JsonObject { ["role"] = "tool", ["tool_call_id"] = _ids.Of(result.CallId), ["content"] = ToText(result) };
        }

        if (message.Role == ChatRole.Assistant)
        {
            yield return WriteAssistant(message);
        }
        else if (message.Role == ChatRole.System || message.Role.Value == "developer")
        {
            yield return Text(vendor.Dialect.SystemRole, message.Text);
        }
        else if (results.Length < message.Contents.Count || results.Length == 0)
        {
            yield return new JsonObject { ["role"] = "user", ["content"] = WriteContent(message.Contents) };
        }
    }

    private JsonObject WriteAssistant(ChatMessage message)
    {
        var written = Text("assistant", message.Text);
        var calls = message.Contents.OfType<FunctionCallContent>().Select(ToNode).ToArray();
        AddThoughts(written, [.. message.Contents.OfType<TextReasoningContent>()], calls.Length > 0);
        if (calls.Length > 0)
        {
            written["tool_calls"] = new JsonArray(calls);
        }

        return written;
    }

    private void AddThoughts(JsonObject written, TextReasoningContent[] thoughts, bool hasCalls)
    {
        var reasoning = string.Concat(thoughts.Select(thought => thought.Text));
        if (vendor.Dialect.ReturnsReasoning switch
        {
            ReasoningReturn.Always => hasCalls || reasoning.Length > 0,
            ReasoningReturn.WithToolCalls => hasCalls,
            _ => false,
        })
        {
            written["reasoning_content"] = reasoning.Length > 0 ? reasoning : vendor.Dialect.EmptyReasoning;
        }

        foreach (var kept in vendor.Dialect.ReturnsExtras ? thoughts.Select(thought => WireBlocks.Restore(vendor.Name, thought.ProtectedData)).OfType<JsonObject>() : [])
        {
            foreach (var (name, value) in kept)
            {
                written[name] = value?.DeepClone();
            }
        }
    }

    private JsonNode ToNode(FunctionCallContent call)
    {
        var written = new JsonObject
        {
            ["id"] = _ids.Of(call.CallId),
            ["type"] = "function",
            ["function"] = new JsonObject
            {
                ["name"] = call.Name,
                ["arguments"] = ToolArguments.Write(call),
            },
        };
        if (vendor.Dialect.ReturnsExtras && call.AdditionalProperties?.TryGetValue(ToolArguments.ExtraProperty, out var extra) == true && extra is JsonElement kept)
        {
            written["extra_content"] = WireJson.ToNode(kept);
        }

        return written;
    }

    /// <summary>Text alone stays text, which every compatible vendor takes; only with something beside it does it become a list of parts.</summary>
    private JsonNode WriteContent(IList<AIContent> contents)
    {
        var shown = contents.Where(content => content is not (FunctionResultContent or TextReasoningContent or UsageContent)).ToArray();
        return shown.All(content => content is TextContent)
            ? string.Concat(shown.Cast<TextContent>().Select(text => text.Text))
            : new JsonArray([.. shown.Select(ToPart)]);
    }

    private JsonObject ToPart(AIContent content) => content switch
    {
        TextContent text => TextPart(text.Text),
        DataContent data when data.HasTopLevelMediaType("text") => TextPart($"{data.Name}\n{Encoding.UTF8.GetString(data.Data.Span)}"),
        DataContent data when data.HasTopLevelMediaType("image") => Part("image_url", "url", data.Uri),
        UriContent link when link.HasTopLevelMediaType("image") => Part("image_url", "url", link.Uri.AbsoluteUri),
        DataContent data when vendor.Dialect.TakesVideo && data.HasTopLevelMediaType("video") => Part("video_url", "url", data.Uri),
        UriContent link when vendor.Dialect.TakesVideo && link.HasTopLevelMediaType("video") => Part("video_url", "url", link.Uri.AbsoluteUri),
        DataContent data when AudioFormat(data.MediaType) is { } format => Part("input_audio", "data", data.Base64Data.ToString(), ("format", format)),
        DataContent data when data.HasTopLevelMediaType("application") => Part("file", "file_data", data.Uri, ("filename", data.Name ?? "file")),
        HostedFileContent file => Part("file", "file_id", file.FileId),
        DataContent data => throw Refuse(data.MediaType, "attached"),
        UriContent link => throw Refuse(link.MediaType, "linked"),
        _ => throw Refuse(content.GetType().Name, "given"),
    };

    private static string? AudioFormat(string mediaType) => mediaType switch
    {
        "audio/wav" or "audio/x-wav" or "audio/wave" or "audio/vnd.wave" => "wav",
        "audio/mpeg" or "audio/mp3" => "mp3",
        _ => null,
    };

    private InvalidRequestException Refuse(string kind, string how) => new(
        $"{vendor.DisplayName} takes no {how} {kind}. It takes images by data or link, WAV and MP3 audio and files by data, and text.");

    private static JsonObject TextPart(string text) => new JsonObject { ["type"] = "text", ["text"] = text };

    private static JsonObject Part(string type, string member, string value, (string Name, string Value)? second = null)
    {
        var inner = new JsonObject { [member] = value };
        if (second is { } other)
        {
            inner[other.Name] = other.Value;
        }

        return new JsonObject { ["type"] = type, [type] = inner };
    }

    private static JsonObject Text(string role, string text) => new() { ["role"] = role, ["content"] = text };

    private static string ToText(FunctionResultContent result) => result.Result switch
    {
        null => string.Empty,
        string text => text,
        var other => JsonSerializer.Serialize(other, ToolArguments.Compact),
    };
}
