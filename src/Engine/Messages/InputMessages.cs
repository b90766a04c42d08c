using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Json;

namespace Cluster.Engine.Messages;

/// <summary>Reads messages that somebody wrote as JSON: objects with a <c>role</c> and a <c>content</c>, as every chat API has them.</summary>
public static class InputMessages
{
    /// <summary>Reads a message, or a list of them.</summary>
    /// <param name="value">The JSON.</param>
    /// <param name="createdAt">When they were made, in Unix seconds.</param>
    /// <returns>The messages; empty when the value is anything else.</returns>
    public static ImmutableArray<Message> Read(JsonElement value, long createdAt = 0)
    {
        var values = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value];
        var messages = values.Select(one => ReadOne(one, createdAt)).ToArray();
        return messages.Length > 0 && messages.All(message => message is not null) ? [.. messages.OfType<Message>()] : [];
    }

    /// <summary>Reads lines of text.</summary>
    /// <param name="value">The JSON.</param>
    /// <returns>The text; null when the value is neither a text nor a list of texts.</returns>
    public static string? ReadText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Array when value.GetArrayLength() > 0 && value.EnumerateArray().All(line => line.ValueKind == JsonValueKind.String) =>
            string.Join('\n', value.EnumerateArray().Select(line => line.GetString())),
        _ => null,
    };

    private static Message? ReadOne(JsonElement value, long createdAt)
    {
        if (value.ValueKind != JsonValueKind.Object
            || !value.TryGetProperty("role", out var role)
            || role.ValueKind != JsonValueKind.String
            || role.GetString() is not (MessageRole.System or MessageRole.User or MessageRole.Assistant or MessageRole.Tool)
            || !(value.TryGetProperty("content", out _) || value.TryGetProperty("tool_calls", out _)))
        {
            return null;
        }

        var written = UniqueMembers.ToObject(value);
        written["id"] ??= Guid.NewGuid().ToString();
        written["created_at"] ??= createdAt;
        written["from_history"] = false;
        try
        {
            // Only the server refers to what is in the media store: whoever knows a hash must not get its content for that.
            return written.Deserialize(EngineJson.Context.Message) is { } message && !message.RefersToContent ? message : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
