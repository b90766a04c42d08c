using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Cluster.Engine.Messages;

namespace Cluster.Engine.Contexts;

/// <summary>Writes a conversation down for the model that summarises it, so that it fits into half of that model's window.</summary>
/// <param name="window">The model's window in tokens.</param>
/// <param name="estimator">Counts the tokens.</param>
internal sealed class Transcript(int window, TokenEstimator estimator)
{
    private const double MostCharactersPerToken = 3;
    private const double FewestCharactersPerToken = 0.5;
    private const int LongestPart = 8_000;
    private const int ShortestPart = 200;
    private const int ShareOfEarlier = 3;
    private const int ShareOfFocus = 6;
    private const int TokensOfNote = 20;

    /// <summary>Writes a part of a conversation.</summary>
    /// <param name="earlier">The summary of what was before it; null for none.</param>
    /// <param name="messages">The part.</param>
    /// <param name="focus">What the summary has to keep; empty for what matters in general.</param>
    /// <returns>The text, without anything that is attached.</returns>
    public string Write(string? earlier, IReadOnlyList<Message> messages, string focus)
    {
        var budget = window / 2;
        var letters = budget * CharactersPerToken(messages);
        var head = earlier is null ? string.Empty : $"[summary of what was before]\n{Shorten(earlier, (int)(letters / ShareOfEarlier))}\n\n";
        var tail = focus.Length == 0 ? string.Empty : $"\n\nThe summary has to keep above all: {Shorten(focus, (int)(letters / ShareOfFocus))}";
        var parts = messages.Sum(message => 1 + (message.ToolCalls?.Length ?? 0));
        var longest = Math.Clamp((int)(letters - head.Length - tail.Length) / Math.Max(1, parts), ShortestPart, LongestPart);
        var texts = messages.Select(message => Write(message, longest)).ToImmutableArray();
        return head + string.Concat(Fit(texts, budget - estimator.Count(head) - estimator.Count(tail))) + tail;
    }

    /// <summary>Where there are too many messages, the beginning and the end have to do: what was asked for, and what the work has come to.</summary>
    private ImmutableArray<string> Fit(ImmutableArray<string> texts, int budget)
    {
        var costs = texts.Select(estimator.Count).ToArray();
        if (costs.Sum() <= budget)
        {
            return texts;
        }

        var (left, first) = (budget - TokensOfNote - costs[0], texts.Length);
        while (first > 1 && costs[first - 1] <= left)
        {
            left -= costs[--first];
        }

        return [texts[0], string.Create(CultureInfo.InvariantCulture, $"[… {first - 1} messages left out …]\n\n"), .. texts[first..]];
    }

    /// <summary>English has four letters a token, Chinese one or less.</summary>
    private double CharactersPerToken(IReadOnlyList<Message> messages)
    {
        var texts = messages.SelectMany(message => (message.ToolCalls ?? []).Select(call => call.Function.Arguments).Append(message.CompressedContent ?? message.Content ?? string.Empty)).ToArray();
        return Math.Clamp(texts.Sum(text => (double)text.Length) / Math.Max(1, texts.Sum(estimator.Count)), FewestCharactersPerToken, MostCharactersPerToken);
    }

    private static string Write(Message message, int longest)
    {
        var text = new StringBuilder();
        text.Append('[').Append(message.Role == MessageRole.Tool ? $"result of {message.ToolName}" : message.Role).Append("]\n");
        text.Append(Shorten(message.CompressedContent ?? message.Content ?? string.Empty, longest)).Append('\n');
        foreach (var call in message.ToolCalls ?? [])
        {
            text.Append("calls ").Append(call.Function.Name).Append(' ').Append(Shorten(call.Function.Arguments, longest)).Append('\n');
        }

        return text.Append('\n').ToString();
    }

    private static string Shorten(string text, int longest) => text.Length <= longest ? text : string.Create(
        CultureInfo.InvariantCulture, $"{text[..(longest / 2)]}\n[… {text.Length - (longest / 2 * 2)} characters left out …]\n{text[^(longest / 2)..]}");
}
