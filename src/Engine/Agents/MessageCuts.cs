using System.Collections.Immutable;
using System.Globalization;
using Cluster.Engine.Errors;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Agents;

/// <summary>Finds out how many messages of a run are kept when it is gone on with.</summary>
/// <param name="state">The run, as its log tells it.</param>
internal sealed class MessageCuts(RunState state)
{
    /// <summary>Gets the run's own messages.</summary>
    public ImmutableArray<Message> Messages { get; } = [.. (state.Output.Messages ?? []).Where(message => !message.FromHistory)];

    /// <summary>Tells whether a point is the end.</summary>
    public bool KeepsAll(ContinuationPoint from) => !from.AfterLastUser && (from.MessageCount ?? Messages.Length) == Messages.Length;

    /// <summary>Counts the messages to keep, so that every tool call among them has its result.</summary>
    public int Count(RunContinuation wish)
    {
        var count = wish.From switch
        {
            { AfterLastUser: true } => AfterLastUser(),
            { MessageCount: { } given } => given,
            _ when wish.Regenerate || state.Output.Status == RunStatus.Error => WithoutAnswer(Messages.Length),
            _ => Messages.Length,
        };
        if (wish is { Regenerate: true, From.AfterLastUser: false })
        {
            count = WithoutAnswer(count);
        }

        return WithWholeTurns(count) is > 0 and var whole
            ? whole
            : throw new InvalidRequestException($"Run {state.Output.RunId} has no message to go on from before its tool calls. Start a new run in the session instead.");
    }

    /// <summary>Callers count the messages that they see, which are those on record; the log may have more.</summary>
    public ContinuationPoint OnLog(ContinuationPoint given)
    {
        if (given.MessageCount is not { } count)
        {
            return given;
        }

        Message[] seen = [.. (state.Recorded.Messages ?? []).Where(message => !message.FromHistory)];
        if (count < 1 || count > seen.Length)
        {
            throw new InvalidRequestException(string.Create(CultureInfo.InvariantCulture, $"continue_from {count} is out of range: run {state.Output.RunId} has {seen.Length} messages."));
        }

        var last = count == seen.Length ? Messages[^1] : seen[count - 1];
        return given with { MessageCount = Messages.IndexOf(Messages.First(message => message.Id == last.Id)) + 1 };
    }

    private int AfterLastUser()
    {
        var last = Messages.Length - 1;
        while (last >= 0 && Messages[last].Role != MessageRole.User)
        {
            last--;
        }

        return last >= 0 ? last + 1 : throw new InvalidRequestException($"Run {state.Output.RunId} has no message of a user. Continue it from a message index.");
    }

    /// <summary>The text at the end is what is to be said anew.</summary>
    private int WithoutAnswer(int count)
    {
        while (count > 1 && Messages[count - 1] is { Role: MessageRole.Assistant, ToolCalls: null or { IsEmpty: true } })
        {
            count--;
        }

        return count;
    }

    private int WithWholeTurns(int count)
    {
        for (var index = 0; index < count; index++)
        {
            var open = (Messages[index].ToolCalls ?? []).Select(call => call.Id).ToHashSet(StringComparer.Ordinal);
            open.ExceptWith(Messages[index..count].Select(message => message.ToolCallId).OfType<string>());
            if (open.Count > 0)
            {
                return index;
            }
        }

        return count;
    }
}
