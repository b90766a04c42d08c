using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Runs;

/// <summary>What each event does to the state of a run.</summary>
[SuppressMessage("Maintainability", "CA1506:Avoid excessive class coupling", Justification = "It lists every event on purpose.")]
internal static class RunFold
{
    public static RunState Apply(RunState state, RunEvent next)
    {
        var after = ApplyOnce(state, next);

        // A pause charges its session for what the run has cost until then.
        return state.Phase == RunPhase.Paused && after.Phase != RunPhase.Paused ? after with { Charged = CostsOf(state.Output) } : after;
    }

    /// <summary>Gives what a run and its members have cost so far.</summary>
    public static RunMetrics CostsOf(RunOutput output) => (output.Metrics ?? RunMetrics.None).Add(output.MemberCosts ?? RunMetrics.None);

    private static RunState ApplyOnce(RunState state, RunEvent next) => next switch
    {
        RunAccepted accepted => Accept(state, accepted),
        RunTakenOver takenOver => TakeOver(state, takenOver),
        RunStarted started => state with
        {
            Output = state.Output with { AgentName = started.AgentName, TeamName = started.TeamName, Model = started.Model, ModelProvider = started.ModelProvider, Status = RunStatus.Running },
        },
        HistoryLoaded loaded => WithHistory(state, loaded.Messages),
        PromptAssembled prompt => Begin(state, prompt),
        ModelRequestStarted asked => state with
        {
            ModelCalls = state.ModelCalls + 1,
            Asked = (asked.Model, asked.ModelProvider),
            Output = state.Output.Model is null ? state.Output with { Model = asked.Model, ModelProvider = asked.ModelProvider } : state.Output,
        },
        IDelta delta => state with
        {
            FirstPieceAt = state.FirstPieceAt ?? delta.Elapsed,
            Spoken = new SpokenPiece(delta, state.Spoken, (state.Spoken?.Count ?? 0) + 1),
        },
        ModelResponded responded => Hear(state, responded),
        ModelFellBack fallback => state with { Spoken = null, Stages = state.Stages with { FallbackCause = fallback.Cause, Fallback = fallback.Number } },
        ToolCallStarted started => UpdateCall(state, Answered(started.Tool), call => call with { IsIntended = true, IsInDoubt = false, IsAnswered = false }),
        ToolCallSettled settled => Settle(state, settled),
        ToolCallCompleted completed => StageFold.Think(Report(state, Answered(completed.Tool)), completed.Tool),
        RunPaused paused => Pause(state, paused),
        AnswersReceived answers => AnswerFold.Answer(state, answers),
        SessionStateRead read => state with { IsSessionStateStale = false, Output = state.Output with { SessionState = read.SessionState } },
        CancelRequested => AnswerFold.Cancel(state),
        AttemptFailed failed => state with { FailedAttempts = failed.Attempt, Spoken = null, Stages = state.Stages with { FallbackCause = null, Fallback = 0 } },
        ToolsNamed named => state with { ToolNames = named.Names },
        InputChanged changed => state with { Output = state.Output with { Input = changed.Input } },
        RunCancelled cancelled => state with
        {
            Output = state.Output with
            {
                AgentName = state.Output.AgentName ?? cancelled.AgentName,
                TeamName = state.Output.TeamName ?? cancelled.TeamName,
                Status = RunStatus.Cancelled,
                Content = cancelled.Content,
            },
        },
        RunError error => End(state, state.Output with { Status = RunStatus.Error, Content = error.Content }),
        RunCompleted completed => Complete(state, completed),
        _ => StageFold.Apply(state, next),
    };

    private static RunState Accept(RunState state, RunAccepted accepted)
    {
        var request = accepted.Request;
        return state with
        {
            Basis = state.Basis with { Request = request, Checkpoint = accepted.Checkpoint },
            Phase = RunPhase.Accepted,
            Output = RunRecording.NewOutput(accepted),
        };
    }

    private static RunState TakeOver(RunState state, RunTakenOver takenOver) => state with
    {
        Generation = takenOver.Generation,
        Spoken = null,
        Calls = [.. state.Calls.Select(call => call with { IsInDoubt = call.IsIntended && call.Outcome is null })],
    };

    private static RunState Begin(RunState state, PromptAssembled prompt)
    {
        var history = state.History.IsDefault ? [] : state.History;
        var begun = state with
        {
            Phase = RunPhase.Model,
            Basis = state.Basis with { HistoryAt = prompt.Before.Length, StartedAt = prompt.StartedAt, Dependencies = prompt.Dependencies ?? state.Dependencies },
            Output = state.Output with { SessionState = prompt.SessionState, Metadata = prompt.Metadata ?? state.Output.Metadata, Messages = [.. prompt.Before, .. history, .. prompt.After] },
        };
        return state.Request?.Fork is { } fork ? ForkFold.Begin(begun, fork, history) : begun;
    }

    /// <summary>Puts history where it belongs: after the messages that precede it in the prompt, once per owner.</summary>
    private static RunState WithHistory(RunState state, ImmutableArray<Message> history)
    {
        if (state.Output.Messages is not { } messages)
        {
            return state with { History = history };
        }

        return state with { History = history, Output = state.Output with { Messages = messages.InsertRange(state.HistoryAt, history) } };
    }

    private static RunState Hear(RunState state, ModelResponded responded)
    {
        var metrics = StageFold.Time(state, responded.FirstPieceAt, responded.Elapsed);
        if (responded.Message is not { } message)
        {
            return StageFold.Hear(state, responded.Pieces, metrics);
        }

        var calls = message.ToolCalls ?? [];
        metrics = message.Metrics is { } cost ? metrics.Add(cost, state.Asked.Model, state.Asked.Provider) : metrics;
        return state with
        {
            Spoken = null,
            FirstPieceAt = metrics.TimeToFirstToken,
            NextEventIndex = StageFold.IndexBehind(state, responded.Pieces),
            Output = Hear(state.Output, message, responded.Pieces, metrics),
            Phase = calls.IsEmpty ? RunPhase.Answered : RunPhase.Tools,
            Calls = calls.IsEmpty ? [] : [.. calls.Select(call => new ToolCallState(call))],
            Stages = state.Stages.Fallback == 0 && state.Stages.FallbackCause is null ? state.Stages : state.Stages with { FallbackCause = null, Fallback = 0 },
        };
    }

    /// <summary>An answer that fits the output schema is the content, whatever the model said before its tool calls.</summary>
    private static RunOutput Hear(RunOutput output, Message message, ImmutableArray<ContentPiece> pieces, RunMetrics metrics)
    {
        var made = pieces.IsEmpty ? null : pieces[^1];
        var isObject = made is { Json: not null, ContentType: not null };
        return output with
        {
            Messages = (output.Messages ?? []).Add(message),
            Metrics = metrics,
            Tools = output.Tools ?? [],
            Content = isObject ? new ContentValue(null, made!.Json) : Join(output.Content, message.Content),
            ContentType = made?.ContentType ?? output.ContentType,
            ReasoningContent = Join(output.ReasoningContent, message.ReasoningContent),
        };
    }

    private static ContentValue? Join(ContentValue? before, string? text) =>
        string.IsNullOrEmpty(text) ? before : before is null ? text : before.ToString() + text;

    private static string? Join(string? before, string? text) => string.IsNullOrEmpty(text) ? before : before + text;

    private static RunState UpdateCall(RunState state, ToolExecution tool, Func<ToolCallState, ToolCallState> change) => state with
    {
        Calls = Change(state.Calls, tool.ToolCallId, call => change(call) with { Execution = tool }),
        Output = state.Output with { Tools = Put(state.Output.Tools ?? [], tool) },
    };

    private static ImmutableArray<ToolCallState> Change(ImmutableArray<ToolCallState> calls, string? callId, Func<ToolCallState, ToolCallState> change)
    {
        for (var i = 0; i < calls.Length; i++)
        {
            if (calls[i].Call.Id == callId)
            {
                return calls.SetItem(i, change(calls[i]));
            }
        }

        return calls;
    }

    /// <summary>A call that began has what it asked for, whatever clients are told.</summary>
    private static ToolExecution Answered(ToolExecution tool) => tool.RequiresUserInput == true ? tool with { RequiresUserInput = false, Answered = true } : tool;

    /// <summary>What clients are told of a call that waits for a member of the team is not its outcome.</summary>
    private static RunState Report(RunState state, ToolExecution tool)
    {
        var reported = state.Calls.Any(call => call.Outcome is null && call.Call.Id == tool.ToolCallId) ? UpdateCall(state, tool, call => call) : state;
        return Conclude(reported, Change(reported.Calls, tool.ToolCallId, static call => call with { IsReported = true }));
    }

    /// <summary>Puts a call in the place of what was known of it, or behind the others.</summary>
    public static ImmutableArray<ToolExecution> Put(ImmutableArray<ToolExecution> tools, ToolExecution tool)
    {
        for (var i = 0; i < tools.Length; i++)
        {
            if (tools[i].ToolCallId == tool.ToolCallId)
            {
                return tools.SetItem(i, tool);
            }
        }

        return tools.Add(tool);
    }

    private static RunState Settle(RunState state, ToolCallSettled settled)
    {
        var next = UpdateCall(state, settled.Tool, call => call with { Outcome = settled.Message });
        if (settled.SessionState is not null || next.Output.Requirements is not null)
        {
            next = next with
            {
                Output = next.Output with
                {
                    SessionState = settled.SessionState ?? next.Output.SessionState,
                    Requirements = AnswerFold.Resolve(next.Output.Requirements, settled.Tool),
                },
            };
        }

        next = settled.Followers is { } followers ? next with { Followers = next.Followers.AddRange(followers) } : next;
        if (settled.Shown is { } shown)
        {
            next = StageFold.Show(next, shown);
        }

        if (settled.IsAnswer)
        {
            next = next with
            {
                Output = settled.AnswerType is { } type
                    ? next.Output with { Content = new ContentValue(null, UniqueMembers.Parse(settled.Tool.Result!)), ContentType = type }
                    : next.Output with { Content = Join(next.Output.Content, settled.Tool.Result) },
            };
        }

        if (settled.Media is { } media)
        {
            next = next with { Output = StageFold.With(next.Output, media) };
        }

        next = ContextFold.Settle(next, settled);
        return Conclude(next, next.Calls);
    }

    /// <summary>When every call of the turn has its outcome, the model gets them in the order in which it asked.</summary>
    private static RunState Conclude(RunState state, ImmutableArray<ToolCallState> calls)
    {
        var stops = false;
        foreach (var call in calls)
        {
            if (state.Phase != RunPhase.Tools || !call.IsConcluded)
            {
                return calls == state.Calls ? state : state with { Calls = calls };
            }

            stops |= call.Outcome!.StopAfterToolCall;
        }

        return state.Phase != RunPhase.Tools ? state : state with
        {
            Phase = stops ? RunPhase.Answered : RunPhase.Model,
            Calls = [],
            Followers = [],
            Output = state.Output with { Messages = [.. state.Output.Messages ?? [], .. calls.Select(call => call.Outcome!), .. state.Followers] },
        };
    }

    private static RunState Pause(RunState state, RunPaused paused) => state with
    {
        Phase = RunPhase.Paused,
        Output = state.Output with { Status = RunStatus.Paused, Content = state.Output.Content ?? paused.Content, Tools = paused.Tools, Requirements = paused.Requirements },
        Calls = [.. state.Calls.Select(call => call with { Execution = paused.Tools.FirstOrDefault(tool => tool.ToolCallId == call.Call.Id) ?? call.Execution })],
        PauseText = state.Output.Content is null ? paused.Content.ToString() : null,
    };

    private static RunState Complete(RunState state, RunCompleted completed) => End(state, state.Output with
    {
        Status = state.Output.Status == RunStatus.Cancelled ? RunStatus.Cancelled : RunStatus.Completed,
        Content = completed.Content,
        ContentType = completed.ContentType,
        SessionState = completed.SessionState ?? state.Output.SessionState,
        Metrics = completed.Metrics ?? state.Output.Metrics,
        MemberResponses = completed.MemberResponses,
    });

    /// <summary>A run that failed in the middle of its tool calls can be taken up there: what became of them stays.</summary>
    private static RunState End(RunState state, RunOutput output) => state with
    {
        Phase = RunPhase.Finished,
        Output = output,
        Spoken = null,
        Calls = output.Status == RunStatus.Error ? state.Calls : [],
    };
}
