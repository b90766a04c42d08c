using System.Collections.Immutable;
using Cluster.Engine.Messages;
using Cluster.Engine.Reasoning;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Runs;

/// <summary>What the stages around the model calls do to the state of a run.</summary>
internal static class StageFold
{
    public static RunState Apply(RunState state, RunEvent next) => next switch
    {
        StageResponded responded => Hear(state, responded),
        ReasoningStarted => state with { Stages = state.Stages with { IsReasoning = true } },
        ReasoningStep step => Think(state, step),
        ReasoningCompleted completed => state with
        {
            Stages = state.Stages with { HasReasoned = true, IsReasoning = false },
            Output = state.Output with { ReasoningSteps = completed.Content.ReasoningSteps.IsEmpty ? state.Output.ReasoningSteps : completed.Content.ReasoningSteps },
        },
        OutputModelResponseCompleted => state with { Stages = state.Stages with { IsWorded = true } },
        ParserModelResponseCompleted => state with { Stages = state.Stages with { IsParsed = true } },
        FollowupsCompleted completed => state with { Output = state.Output with { Followups = completed.Followups } },
        RunContentCompleted => state with { Stages = state.Stages with { IsContentComplete = true } },
        RunContinued continued => state with
        {
            Stages = state.Stages with { IsContentComplete = false },
            Team = state.Team with { IsContinuing = false },
            Output = state.Output with
            {
                Status = RunStatus.Running,
                AgentName = state.Output.AgentName ?? continued.AgentName,
                TeamName = state.Output.TeamName ?? continued.TeamName,
            },
        },
        PostHookCompleted => state with { Stages = state.Stages with { PostHooks = state.Stages.PostHooks + 1 } },
        AnswerChanged changed => state with { Output = state.Output with { Content = changed.Content, ContentType = changed.ContentType } },
        RunRewound rewound => ForkFold.Rewind(state, rewound),
        InputAdded added => ForkFold.Add(state, added),
        _ => ContextFold.Apply(state, next),
    };

    /// <summary>Gives the metrics of the run with the times of a model call that has ended.</summary>
    public static RunMetrics Time(RunState state, double? firstPieceAt, double elapsed)
    {
        var metrics = state.Output.Metrics ?? RunMetrics.None;
        return metrics with { TimeToFirstToken = metrics.TimeToFirstToken ?? firstPieceAt, Duration = elapsed };
    }

    /// <summary>The deltas were live; from here on the log has them.</summary>
    public static RunState Hear(RunState state, ImmutableArray<ContentPiece> pieces, RunMetrics metrics) => state with
    {
        Spoken = null,
        FirstPieceAt = metrics.TimeToFirstToken,
        NextEventIndex = IndexBehind(state, pieces),
        Output = state.Output with { Metrics = metrics },
    };

    /// <summary>Gives the index behind deltas that the log has: it may count others than those that were live.</summary>
    public static long IndexBehind(RunState state, ImmutableArray<ContentPiece> pieces) => state.NextEventIndex - (state.Spoken?.Count ?? 0) + pieces.Length;

    /// <summary>Adds the result of a tool that was shown as a part of the answer.</summary>
    public static RunState Show(RunState state, ImmutableArray<ContentPiece> shown)
    {
        var heard = Hear(state, shown, Time(state, state.FirstPieceAt, state.Output.Metrics?.Duration ?? 0));
        return heard with { Output = heard.Output with { Content = heard.Output.Content + string.Concat(shown.Select(piece => piece.Text)) } };
    }

    /// <summary>Adds what a tool made.</summary>
    public static RunOutput With(RunOutput output, RunMedia media) => output with
    {
        Images = Join(output.Images, media.Images),
        Videos = Join(output.Videos, media.Videos),
        Audio = Join(output.Audio, media.Audio),
        Files = Join(output.Files, media.Files),
    };

    /// <summary>What a tool thought is told to clients in the loop's next step, also by a successor.</summary>
    public static RunState Think(RunState state, ToolExecution tool) =>
        Thoughts.Of(tool) is { } step ? state with { Stages = state.Stages with { Untold = state.Stages.Untold.Add(step) } } : state;

    private static RunState Think(RunState state, ReasoningStep step)
    {
        var steps = step.Content.NextAction == Thoughts.Reset ? [] : (state.Output.ReasoningSteps ?? []).Add(step.Content);
        return state with
        {
            Stages = state.Stages with { Untold = [.. state.Stages.Untold.Skip(1)] },
            Output = state.Output with { ReasoningSteps = steps, ReasoningContent = step.ReasoningContent },
        };
    }

    /// <summary>A call for steps is counted; what is shown to the answering model ends the thinking.</summary>
    private static RunState Think(RunState state, StageResponded responded)
    {
        if (responded.Messages is not { } thoughts)
        {
            return state with { Stages = state.Stages with { ReasoningCalls = state.Stages.ReasoningCalls + 1 } };
        }

        var streamed = string.Concat(responded.Pieces.Select(piece => piece.Reasoning));
        return state with
        {
            Stages = state.Stages with { HasReasoned = true },
            Output = state.Output with
            {
                ReasoningMessages = thoughts.IsEmpty ? state.Output.ReasoningMessages : (state.Output.ReasoningMessages ?? []).AddRange(thoughts),
                ReasoningContent = streamed.Length > 0 ? streamed : state.Output.ReasoningContent,
            },
        };
    }

    private static RunState Hear(RunState state, StageResponded responded)
    {
        var heard = Hear(state, responded.Pieces, Time(state, responded.FirstPieceAt, responded.Elapsed));
        heard = responded.Use == ModelUse.Reasoning ? Think(heard, responded) : heard;
        var output = heard.Output;
        return heard with
        {
            Output = output with
            {
                Metrics = responded.Cost is { } cost ? output.Metrics!.Add(cost, responded.Model, responded.ModelProvider, responded.Use) : output.Metrics,
                Messages = responded.Messages is { } added ? (output.Messages ?? []).AddRange(added) : output.Messages,
                Content = responded.Content ?? output.Content,
                ContentType = responded.Content is null ? output.ContentType : responded.ContentType,
            },
        };
    }

    private static ImmutableArray<Media>? Join(ImmutableArray<Media>? before, ImmutableArray<Media> added) => added.IsEmpty ? before : (before ?? []).AddRange(added);
}
