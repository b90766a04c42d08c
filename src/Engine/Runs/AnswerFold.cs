using System.Collections.Immutable;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Runs;

/// <summary>What the answers of a human do to the state of a run.</summary>
internal static class AnswerFold
{
    /// <summary>Takes in what a human decided about the calls that wait.</summary>
    public static RunState Answer(RunState state, AnswersReceived answers)
    {
        state = answers.Members is { } members ? TeamFold.Answer(state, members) : state;
        var tools = (state.Output.Tools ?? []).Select(tool => answers.Tools.FirstOrDefault(answer => answer.ToolCallId == tool.ToolCallId) ?? tool);
        return state with
        {
            Phase = RunPhase.Tools,
            PauseText = null,
            IsSessionStateStale = true,
            ContinuedStreamed = answers.Streamed ?? state.ContinuedStreamed,
            AnsweredBy = answers.By,
            ApprovedAfter = answers.Approval is null ? null : state.NextEventIndex - 1,
            Added = answers.Added,
            Output = ApprovalFold.Hear(
                state.Output with
                {
                    Status = RunStatus.Running,
                    Content = state.PauseText is null ? state.Output.Content : null,
                    Tools = [.. tools],
                    Requirements = answers.Tools.Aggregate(state.Output.Requirements, Resolve),
                },
                answers.Approval),
            Calls = [.. state.Calls.Select(call => call.Outcome is null && answers.Tools.FirstOrDefault(tool => tool.ToolCallId == call.Call.Id) is { } answer
                ? call with { Execution = answer, IsAnswered = true }
                : call)],
        };
    }

    /// <summary>Notes in what was asked of a human what became of it.</summary>
    public static ImmutableArray<RunRequirement>? Resolve(ImmutableArray<RunRequirement>? requirements, ToolExecution tool) =>
        requirements is { } all
            ? [.. all.Select(requirement => requirement.ToolExecution.ToolCallId == tool.ToolCallId && requirement.Confirmation is null ? requirement with { ToolExecution = tool } : requirement)]
            : null;
}
