using System.Collections.Immutable;
using Cluster.Engine.Messages;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Runs;

/// <summary>What going on in other ways than by answers does to the state of a run.</summary>
internal static class ForkFold
{
    /// <summary>Tells in a run's output what the run goes on from.</summary>
    public static RunOutput Mark(RunOutput output, RunRequest request) => request.Fork is not { } fork ? output : output with
    {
        ForkedFromRunId = fork.RunId,
        ForkedFromMessageIndex = fork.Messages.Length,
        RegeneratedFrom = fork.Replaces is null ? null : fork.RunId,
        LastCheckpointAtMessageIndex = fork.IsCut ? fork.Messages.Length : null,
    };

    /// <summary>Puts what was taken over into a run whose prompt stands.</summary>
    public static RunState Begin(RunState state, RunFork fork, ImmutableArray<Message> history) => WithTurn(state, fork.Turn) with
    {
        Phase = fork.Turn is null ? RunPhase.Model : RunPhase.Tools,
        HistoryAt = fork.HistoryAt,
        Stages = state.Stages with { HasReasoned = fork.Turn is not null || (fork.Thoughts is not null && fork.Added is null) },
        ToolNames = fork.ToolNames ?? [],
        Added = fork.Added,
        Output = StageFold.With(
            state.Output with
            {
                Messages = fork.Messages.InsertRange(fork.HistoryAt, history),
                Tools = fork.Tools,
                Requirements = fork.Turn?.Requirements,
                ReasoningMessages = fork.Thoughts,
            },
            fork.Turn?.Media ?? RunMedia.None),
    };

    /// <summary>Puts the turn into a run that was cut in the middle of it.</summary>
    private static RunState WithTurn(RunState state, OpenTurn? turn) => state with
    {
        Calls = turn?.Calls ?? [],
        AnsweredBy = turn?.By,
        Followers = turn?.Followers ?? [],
    };

    /// <summary>Goes back to where the run was well, and on from there.</summary>
    public static RunState Rewind(RunState state, RunRewound rewound)
    {
        state = state with
        {
            ContinuedStreamed = rewound.Streamed ?? state.ContinuedStreamed,
            PauseText = null,
            Spoken = null,
            ModelCalls = 0,
            FailedAttempts = 0,
            ApprovedAfter = null,
            OpensSession = false,
            Stages = RunStages.None with { HasReasoned = state.Stages.HasReasoned },
            Charged = state.Phase == RunPhase.Finished ? RunFold.CostsOf(state.Output) : state.Charged,
            Output = state.Output with { Status = RunStatus.Running, Content = null, ContentType = "str", Followups = null },
        };
        if (state.Output.Messages is not { } messages)
        {
            return state with { Phase = RunPhase.Accepted };
        }

        state = state with { IsSessionStateStale = true, Added = rewound.Added };
        return rewound.MessageCount is { } count
            ? Cut(state, messages, count)
            : state with
            {
                Phase = state.Calls.IsEmpty ? RunPhase.Model : RunPhase.Tools,
                Calls = [.. state.Calls.Select(call => call with { IsInDoubt = call.IsIntended && call.Outcome is null })],
            };
    }

    /// <summary>What was added to the conversation goes behind the results of the turn, if there is one.</summary>
    public static RunState Add(RunState state, InputAdded added)
    {
        state = state with { Added = null };
        return state.Calls.IsEmpty
            ? state with { Output = state.Output with { Messages = (state.Output.Messages ?? []).Add(added.Message) } }
            : state with { Followers = state.Followers.Add(added.Message) };
    }

    /// <summary>Gives the tool calls that messages ask for.</summary>
    public static ImmutableArray<ToolExecution> ToolsOf(ImmutableArray<ToolExecution>? tools, IEnumerable<Message> messages)
    {
        var asked = messages.SelectMany(message => message.ToolCalls ?? []).Select(call => call.Id).ToHashSet(StringComparer.Ordinal);
        return [.. (tools ?? []).Where(tool => asked.Contains(tool.ToolCallId ?? string.Empty))];
    }

    /// <summary>A summary that stands for messages which are gone is gone with them.</summary>
    private static ShownContext Cut(ShownContext context, ImmutableArray<Message> kept, ImmutableArray<Message> dropped)
    {
        context = dropped.Any(message => message.Id == context.FirstKept) ? ShownContext.Whole : context with { IsCompressing = false, Requested = null, FailedAt = null };
        return context == ShownContext.Whole ? context : context with { ChangedAt = kept.LastOrDefault()?.Id };
    }

    /// <summary>Thoughts that are gone are thought anew; of what the model thought beside its answers, that of the dropped ones goes.</summary>
    private static RunOutput Forget(RunOutput output, IEnumerable<Message> dropped, bool isThoughtAnew)
    {
        if (isThoughtAnew)
        {
            return output with { ReasoningContent = null, ReasoningSteps = null, ReasoningMessages = null };
        }

        var content = output.ReasoningContent;
        foreach (var thought in dropped.Reverse().Select(message => message.ReasoningContent).OfType<string>())
        {
            content = content?.EndsWith(thought, StringComparison.Ordinal) == true ? content[..^thought.Length] : content;
        }

        return output with { ReasoningContent = string.IsNullOrEmpty(content) ? null : content };
    }

    private static RunState Cut(RunState state, ImmutableArray<Message> messages, int count)
    {
        var seen = 0;
        ImmutableArray<Message> kept = [.. messages.TakeWhile(message => message.FromHistory || seen++ < count)];
        var dropped = messages[kept.Length..];
        var thoughts = state.Output.ReasoningMessages ?? [];
        var tools = ToolsOf(state.Output.Tools, kept);
        var ids = tools.Select(tool => tool.ToolCallId).ToHashSet(StringComparer.Ordinal);
        var isThoughtAnew = dropped.Any(message => thoughts.Any(thought => thought.Id == message.Id));
        return state with
        {
            Phase = RunPhase.Model,
            SpentCallIds = state.SpentCallIds.Union((state.Output.Tools ?? []).Select(tool => tool.ToolCallId).OfType<string>()),
            Calls = [],
            Followers = [],
            AnsweredBy = null,
            HistoryAt = Math.Min(state.HistoryAt, count),
            Stages = state.Stages with { HasReasoned = state.Stages.HasReasoned && !isThoughtAnew },
            Context = Cut(state.Context, kept, dropped),
            Output = Forget(state.Output, dropped, isThoughtAnew) with
            {
                Messages = kept,
                Tools = tools,
                LastCheckpointAtMessageIndex = count,
                Requirements = state.Output.Requirements?.RemoveAll(requirement => !ids.Contains(requirement.ToolExecution.ToolCallId)),
            },
        };
    }
}
