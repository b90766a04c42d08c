using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Messages;

namespace Cluster.Engine.Runs;

/// <summary>Makes of a run what is stored of it: by default its own messages, not those that it was shown of earlier runs.</summary>
internal static class RunRecording
{
    public static RunOutput Of(RunOutput output, RecordSettings settings)
    {
        var recorded = output with
        {
            Messages = output.Messages is { } messages ? Of(messages, settings) : null,
            Tools = output.Tools is { IsEmpty: true } ? null : output.Tools,
            MemberResponses = null,
        };
        return settings.Media ? recorded : recorded with
        {
            Images = null,
            Videos = null,
            Audio = null,
            Files = null,
            Input = output.Input is { } input ? WithoutMedia(input) : null,
        };
    }

    /// <summary>Gives what a run amounts to that was just accepted.</summary>
    /// <param name="accepted">Its acceptance.</param>
    /// <param name="agentName">The agent's name; null where it is not told yet.</param>
    /// <param name="teamName">The team's name; null where it is not told yet.</param>
    public static RunOutput NewOutput(RunAccepted accepted, string? agentName = null, string? teamName = null)
    {
        var request = accepted.Request;
        return ForkFold.Mark(new RunOutput
        {
            RunId = request.RunId,
            AgentId = request.IsOfTeam ? null : request.AgentId,
            AgentName = agentName,
            TeamId = request.IsOfTeam ? request.AgentId : null,
            TeamName = teamName,
            SessionId = request.SessionId,
            ParentRunId = request.ParentRunId,
            UserId = request.UserId,
            CreatedAt = accepted.CreatedAt,
            Metadata = request.Metadata,
            Input = request.Input,
            ForkedFromSessionId = request.CopiedFrom,
        }, request);
    }

    /// <summary>
    /// Takes media out of an event that only tells clients. Those that a successor needs keep theirs: the request, the prompt, what a hook made of the input and
    /// the outcomes of tool calls.
    /// </summary>
    public static RunEvent WithoutMedia(RunEvent next) => next switch
    {
        RunCompleted completed => completed with { Images = null, Videos = null, Audio = null, Files = null },
        PreHookStarted started => started with { RunInput = WithoutMedia(started.RunInput) },
        PreHookCompleted completed => completed with { RunInput = WithoutMedia(completed.RunInput) },
        _ => next,
    };

    private static RunInput WithoutMedia(RunInput input) => input with { Images = null, Videos = null, Audios = null, Files = null };

    private static ImmutableArray<Message> Of(ImmutableArray<Message> messages, RecordSettings settings)
    {
        foreach (var message in messages)
        {
            if (!ReferenceEquals(Of(message, settings), message))
            {
                return [.. messages.Select(other => Of(other, settings)).OfType<Message>()];
            }
        }

        return messages;
    }

    private static Message? Of(Message message, RecordSettings settings)
    {
        if (message.FromHistory && !settings.HistoryMessages)
        {
            return null;
        }

        if (!settings.ToolMessages && (message.Role == MessageRole.Tool || message.ToolCalls is not null))
        {
            // What the model said beside its calls is a part of the answer.
            return message.Role == MessageRole.Tool || string.IsNullOrEmpty(message.Content) ? null : Of(message with { ToolCalls = null }, settings);
        }

        return settings.Media ? message : message with { Images = null, Audio = null, Videos = null, Files = null };
    }
}
