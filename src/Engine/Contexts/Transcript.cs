using System.Globalization;
using System.Text;
using Cluster.Engine.Messages;

namespace Cluster.Engine.Contexts;

/// <summary>Writes a conversation down for the model that summarises it, so that it fits into half of that model's window.</summary>
/// <param name="window">The model's window in tokens.</param>
internal sealed class Transcript(int window)
{
    private const int CharactersPerToken = 3;
    private const int LongestPart = 8_000;
    private const int ShortestPart = 200;

    private readonly int _budget = window / 2 * CharactersPerToken;

    /// <summary>Writes a part of a conversation.</summary>
    /// <param name="earlier">The summary of what was before it; null for none.</param>
    /// <param name="messages">The part.</param>
    /// <returns>The text, without anything that is attached.</returns>
    public string Write(string? earlier, IReadOnlyList<Message> messages)
    {
        var longest = Math.Clamp((_budget - (earlier?.Length ?? 0)) / Math.Max(1, messages.Count), ShortestPart, LongestPart);
        var text = new StringBuilder();
        if (earlier is not null)
        {
            text.Append("[summary of what was before]\n").Append(earlier).Append("\n\n");
        }

        foreach (var message in messages)
        {
            text.Append('[').Append(message.Role == MessageRole.Tool ? $"result of {message.ToolName}" : message.Role).Append("]\n");
            text.Append(Shorten(message.CompressedContent ?? message.Content ?? string.Empty, longest)).Append('\n');
            foreach (var call in message.ToolCalls ?? [])
            {
                text.Append("calls ").Append(call.Function.Name).Append(' ').Append(Shorten(call.Function.Arguments, longest)).Append('\n');
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static string Shorten(string text, int longest) => text.Length <= longest ? text : string.Create(
        CultureInfo.InvariantCulture, $"{text[..(longest / 2)]}\n[… {text.Length - (longest / 2 * 2)} characters left out …]\n{text[^(longest / 2)..]}");
}
