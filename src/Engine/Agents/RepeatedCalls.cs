using System.Collections.Immutable;
using Cluster.Engine.Messages;

namespace Cluster.Engine.Agents;

/// <summary>Finds out that a model goes round in circles: it makes the same call with the same arguments and gets the same result, again and again.</summary>
internal static class RepeatedCalls
{
    /// <summary>Counts how often the last turn was made in a row.</summary>
    /// <returns>The tool of the turn, and how often; 0 when the last turn called nothing.</returns>
    public static (string? Tool, int Times) Count(ImmutableArray<Message> messages)
    {
        string? first = null;
        string? tool = null;
        var times = 0;
        for (var end = messages.Length; Turn(messages, ref end) is var (name, turn) && turn == (first ??= turn); times++)
        {
            tool = name;
        }

        return (tool, times);
    }

    /// <summary>Reads the turn that ends at a place: the results behind an assistant's message that called tools.</summary>
    private static (string Tool, string Text)? Turn(ImmutableArray<Message> messages, ref int end)
    {
        var start = end - 1;
        while (start >= 0 && messages[start].Role == MessageRole.Tool)
        {
            start--;
        }

        if (start < 0 || start == end - 1 || messages[start] is not { FromHistory: false, ToolCalls: { IsEmpty: false } calls })
        {
            return null;
        }

        var asked = calls.Select(call => $"{call.Function.Name}\u001f{call.Function.Arguments}");
        var told = Enumerable.Range(start + 1, end - start - 1).Select(index => messages[index].Content);
        end = start;
        return (calls[0].Function.Name, string.Join('\u001e', asked.Concat(told)));
    }
}
