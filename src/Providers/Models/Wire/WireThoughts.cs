using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Cluster.Providers.Models.Wire;

/// <summary>Finds texts and thoughts in a message, under all the names that vendors have for them.</summary>
internal static class WireThoughts
{
    private static readonly string[] TextNames = ["text", "content", "value", "output_text", "summary"];

    private static readonly string[] Thoughts = ["reasoning_content", "reasoning", "reasoning_text", "thinking", "thinking_content", "thought"];

    /// <summary>Gives the thoughts of a message; some vendors send the same under two names.</summary>
    public static string? Of(JsonElement message) => Thoughts.Select(name => Plain(WireJson.Member(message, name))).FirstOrDefault(text => text.Length > 0);

    /// <summary>Gives the content of a message: a text, or a list of parts that are texts or thoughts.</summary>
    public static IEnumerable<AIContent> Content(JsonElement content)
    {
        if (WireJson.Text(content) is { } text)
        {
            yield return new TextContent(text);
            yield break;
        }

        foreach (var part in content.ValueKind == JsonValueKind.String ? [] : WireJson.Elements(content))
        {
            if (part.ValueKind == JsonValueKind.String)
            {
                foreach (var inner in Content(part))
                {
                    yield return inner;
                }

                continue;
            }

            var isThought = WireJson.Text(part, "type") is "thinking" or "reasoning" or "thought" or "reasoning_text" or "reasoning_content";
            if ((Of(part) ?? (isThought ? Plain(part) : null)) is { Length: > 0 } thought)
            {
                yield return new TextReasoningContent(thought);
            }
            else if (Plain(part) is { Length: > 0 } said)
            {
                yield return new TextContent(said);
            }
        }
    }

    /// <summary>Gives the letters of a text, of an object that has one, or of a list of those.</summary>
    private static string Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => WireJson.Text(value) ?? string.Empty,
        JsonValueKind.Array => string.Concat(value.EnumerateArray().Select(Plain)),
        JsonValueKind.Object => TextNames.Select(name => Plain(WireJson.Member(value, name))).FirstOrDefault(text => text.Length > 0) ?? string.Empty,
        _ => string.Empty,
    };
}
