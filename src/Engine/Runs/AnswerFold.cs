using System.Collections.Immutable;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Runs;

/// <summary>What the answers of a human do to the state of a run.</summary>
internal static class AnswerFold
{
    /// <summary>Stands in what was asked of a human when the run was cancelled before anybody answered.</summary>
    internal const string CancelledNote = "The run was cancelled before this call was decided about.";

    /// <summary>Stops a run. What waits for a human is closed, and a run that waits goes on to its end.</summary>
    public static RunState Cancel(RunState state)
    {
        var open = (state.Output.Requirements ?? []).Where(requirement => requirement.IsOpen).ToArray();
        var isPaused = state.Phase == RunPhase.Paused;
        return state with
        {
            IsCancelRequested = true,
            Phase = isPaused ? RunPhase.Tools : state.Phase,

            // Others may have changed the session while the run waited, and it does not read it again.
            IsSessionStateStale = isPaused || state.IsSessionStateStale,
            Output = state.Output with
            {
                Status = isPaused ? RunStatus.Running : state.Output.Status,
                Tools = state.Output.Tools is { } tools
                    ? [.. tools.Select(tool => open.Any(one => one.MemberRunId is null && one.ToolExecution.ToolCallId == tool.ToolCallId) ? Close(tool) : tool)]
                    : null,
                Requirements = state.Output.Requirements is { } all
                    ? [.. all.Select(one => open.Contains(one) ? one with { Confirmation = false, ConfirmationNote = CancelledNote, ToolExecution = Close(one.ToolExecution) } : one)]
                    : null,
            },
        };
    }

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
                    Requirements = answers.Tools.Select(tool => tool.RequiresUserInput == true && tool.Confirmed != false ? tool with { Answered = true } : tool).Aggregate(state.Output.Requirements, Resolve),
                },
                answers.Approval),
            Calls = [.. state.Calls.Select(call => call.Outcome is null && answers.Tools.FirstOrDefault(tool => tool.ToolCallId == call.Call.Id) is { } answer
                ? call with { Execution = answer, IsAnswered = true }
                : call)],
        };
    }

    /// <summary>What stands in a log as answered is so, also where an earlier version did not write that down.</summary>
    public static RunRequirement MarkAnswered(RunRequirement answer) => answer.ToolExecution.RequiresUserInput != true
        ? answer
        : answer with { ToolExecution = answer.ToolExecution with { Answered = true } };

    private static ToolExecution Close(ToolExecution call) => call with
    {
        RequiresConfirmation = call.RequiresConfirmation is null ? null : false,
        RequiresUserInput = call.RequiresUserInput is null ? null : false,
        ExternalExecutionRequired = call.ExternalExecutionRequired is null ? null : false,
        Confirmed = false,
        ConfirmationNote = CancelledNote,
        ToolCallError = true,
    };

    /// <summary>Notes in what was asked of a human what became of it.</summary>
    public static ImmutableArray<RunRequirement>? Resolve(ImmutableArray<RunRequirement>? requirements, ToolExecution tool) =>
        requirements is { } all
            ? [.. all.Select(requirement => requirement.ToolExecution.ToolCallId == tool.ToolCallId && requirement.Confirmation is null ? requirement with { ToolExecution = tool } : requirement)]
            : null;
}
