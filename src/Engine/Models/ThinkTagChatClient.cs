using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Models;

/// <summary>
/// Makes thoughts of what a model says between <c>&lt;think&gt;</c> and <c>&lt;/think&gt;</c> (or <c>&lt;thinking&gt;</c>) before its answer, and of what stands before a
/// <c>&lt;/think&gt;</c> alone. Tags later in the answer are text.
/// </summary>
/// <param name="inner">The client of the model.</param>
public sealed class ThinkTagChatClient(IChatClient inner) : DelegatingChatClient(inner)
{
    /// <inheritdoc/>
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var updates = await GetStreamingResponseAsync(messages, options, cancellationToken).ToListAsync(cancellationToken);
        var turn = updates.FindLastIndex(update => update.Contents.Any(ThinkTags.IsTurn));
        for (var index = 0; index <= turn; index++)
        {
            updates[index].Contents = [.. Recast(updates[index].Contents)];
        }

        return updates.ToChatResponse();
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var tags = new ThinkTags();
        ChatResponseUpdate? last = null;
        await foreach (var update in InnerClient.GetStreamingResponseAsync(messages, options, cancellationToken))
        {
            last = With(update, [.. update.Contents.SelectMany(content => Cut(tags, content, update.FinishReason is not null))]);
            if (last.Contents.Count > 0 || last.FinishReason is not null || update.Contents.Count == 0)
            {
                yield return last;
            }
        }

        if (last is not null && tags.Finish() is { } held)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, [held]) { ResponseId = last.ResponseId, MessageId = last.MessageId, ModelId = last.ModelId };
        }
    }

    /// <summary>Makes thoughts of what was said before it turned out to be thought.</summary>
    private static IEnumerable<AIContent> Recast(IList<AIContent> contents)
    {
        var turn = contents.ToList().FindLastIndex(ThinkTags.IsTurn);
        return contents
            .Select((content, index) => content is TextContent text && (turn < 0 || index < turn) ? new TextReasoningContent(text.Text) : content)
            .Where(content => !ThinkTags.IsTurn(content));
    }

    /// <summary>What is no text ends what was held back before it.</summary>
    private static IEnumerable<AIContent> Cut(ThinkTags tags, AIContent content, bool isLast)
    {
        if (content is TextContent text)
        {
            foreach (var piece in tags.Hear(text.Text))
            {
                yield return piece;
            }

            if (isLast && tags.Finish() is { } rest)
            {
                yield return rest;
            }

            yield break;
        }

        if (content is not UsageContent && tags.Finish() is { } held)
        {
            yield return held;
        }

        yield return content;
    }

    private static ChatResponseUpdate With(ChatResponseUpdate update, IList<AIContent> contents)
    {
        var changed = update.Clone();
        changed.Contents = contents;
        return changed;
    }
}
