using System.Collections.Immutable;
using System.Globalization;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Contexts;

/// <summary>The conversation as the model is shown it. It is made of what is stored and what was recorded about it, so every owner of a run shows the same.</summary>
internal static class ShownConversation
{
    private const string SummaryId = "summary";

    /// <summary>Gives what the model is shown now.</summary>
    public static ImmutableArray<Message> Of(RunState state)
    {
        var messages = state.Output.Messages ?? [];
        var context = state.Context;
        if (context.Summary is not { } summary)
        {
            return Shown(messages, context);
        }

        var kept = KeptAt(state);
        return
        [
            .. messages[..Head(state)].Select(message => Shown(message, context)),
            Summarised(summary, RequestIn(messages[Head(state)..kept])),
            .. messages[kept..].Select(message => Shown(message, context)),
        ];
    }

    /// <summary>Gives the place of the first message behind the instructions.</summary>
    public static int Head(RunState state) => Math.Min(state.HistoryAt, state.Output.Messages?.Length ?? 0);

    /// <summary>Gives the place of the first message that no summary stands for.</summary>
    public static int KeptAt(RunState state)
    {
        var messages = state.Output.Messages ?? [];
        if (state.Context.FirstKept is not { } first)
        {
            return Head(state);
        }

        var kept = 0;
        while (kept < messages.Length && messages[kept].Id != first)
        {
            kept++;
        }

        // An earlier run whose message was the first may be gone with what was deleted: then this run's own messages are what is left.
        return kept < messages.Length ? kept : Head(state) + messages.Skip(Head(state)).TakeWhile(message => message.FromHistory).Count();
    }

    /// <summary>Nearly always the model is shown just what there is.</summary>
    private static ImmutableArray<Message> Shown(ImmutableArray<Message> messages, ShownContext context)
    {
        foreach (var message in messages)
        {
            if (!ReferenceEquals(Shown(message, context), message))
            {
                return [.. messages.Select(other => Shown(other, context))];
            }
        }

        return messages;
    }

    /// <summary>Gives a message as it is shown.</summary>
    public static Message Shown(Message message, ShownContext context) => message.Role != MessageRole.Tool ? message
        : context.Cleared.TryGetValue(message.Id, out var characters) ? message with { Content = Cut(message, characters) }
        : message.CompressedContent is { } compressed ? message with { Content = compressed }
        : message;

    private static string Cut(Message message, int characters)
    {
        var content = message.Content ?? string.Empty;
        var arguments = message.ToolArgs?.GetRawText() is { Length: > 0 and <= 200 } text ? text : string.Empty;
        var again = $"Call {message.ToolName} again {(arguments.Length > 0 ? $"with {arguments}" : "with the same arguments")} if it is needed.";
        if (characters == 0)
        {
            return string.Create(CultureInfo.InvariantCulture, $"[The result of {message.ToolName} was taken out to make room, {content.Length} characters. {again}]");
        }

        var half = characters / 2;
        return content.Length <= characters ? content : string.Create(
            CultureInfo.InvariantCulture, $"{content[..half]}\n[… {content.Length - (2 * half)} characters were taken out to make room. {again}]\n{content[^half..]}");
    }

    /// <summary>The request itself stands behind the summary, word for word and with what came with it: no summary may lose what the run is for.</summary>
    private static Message Summarised(string summary, Message? request)
    {
        var text = $"<summary_of_the_conversation_so_far>\n{summary}\n</summary_of_the_conversation_so_far>";
        return request is null
            ? new Message { Id = SummaryId, Role = MessageRole.User, Content = text }
            : request with { Id = SummaryId, Content = $"{text}\n\nThe request that is being worked on:\n{request.Content}" };
    }

    /// <summary>What was asked for is the last that a user said before the model answered for the first time in this run.</summary>
    private static Message? RequestIn(ImmutableArray<Message> messages) =>
        messages.TakeWhile(message => message.FromHistory || message.Metrics is null).LastOrDefault(message => message is { Role: MessageRole.User, FromHistory: false });
}
