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
        if (Turn(messages, messages.Length) is not { IsEmpty: false } last)
        {
            return (null, 0);
        }

        var times = 0;
        for (var (turn, end) = (last, messages.Length); IsSame(turn.Span, last.Span); turn = Turn(messages, end))
        {
            times++;
            end -= turn.Length;
        }

        return (CallsOf(last.Span)[0].Function.Name, times);
    }

    /// <summary>Gives the turn that ends at a place: an assistant's message that called tools, and the results behind it. Empty when there is none.</summary>
    private static ReadOnlyMemory<Message> Turn(ImmutableArray<Message> messages, int end)
    {
        var start = end - 1;
        while (start >= 0 && messages[start].Role == MessageRole.Tool)
        {
            start--;
        }

        return start >= 0 && start < end - 1 && messages[start] is { FromHistory: false, ToolCalls.IsEmpty: false } ? messages.AsMemory()[start..end] : default;
    }

    private static bool IsSame(ReadOnlySpan<Message> turn, ReadOnlySpan<Message> other)
    {
        if (turn.Length != other.Length || CallsOf(turn).Length != CallsOf(other).Length)
        {
            return false;
        }

        for (var i = 0; i < CallsOf(turn).Length; i++)
        {
            if (CallsOf(turn)[i].Function != CallsOf(other)[i].Function)
            {
                return false;
            }
        }

        for (var i = 1; i < turn.Length; i++)
        {
            if (turn[i].Content != other[i].Content)
            {
                return false;
            }
        }

        return true;
    }

    private static ImmutableArray<MessageToolCall> CallsOf(ReadOnlySpan<Message> turn) => turn[0].ToolCalls ?? [];
}
