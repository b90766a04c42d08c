using System.Collections.Immutable;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Agents;

/// <summary>Checks what a human decided about a paused run.</summary>
public static class Answers
{
    /// <summary>Fits the decisions to the calls that wait. Only the answers count: what the model asked for cannot be changed by sending it back.</summary>
    /// <param name="state">The run.</param>
    /// <param name="tools">The calls as they were sent back; null or empty when nothing was decided.</param>
    /// <returns>The event to record.</returns>
    /// <exception cref="ConflictException">The run is not paused.</exception>
    /// <exception cref="InvalidRequestException">An answer is missing or does not fit.</exception>
    public static AnswersReceived Check(RunState state, ImmutableArray<ToolExecution>? tools)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Phase != RunPhase.Paused)
        {
            throw new ConflictException($"Cannot continue run {state.Output.RunId}: run is {Status(state.Output.Status)}");
        }

        var waiting = state.Calls.Where(call => call is { Outcome: null, Execution: not null }).Select(call => call.Execution!).ToArray();
        var given = tools ?? [];
        var known = (state.Output.Tools ?? []).Select(tool => tool.ToolCallId).ToHashSet(StringComparer.Ordinal);
        if (given.FirstOrDefault(tool => !known.Contains(tool.ToolCallId)) is { } stranger)
        {
            throw new InvalidRequestException($"Run {state.Output.RunId} has no tool call '{stranger.ToolCallId}'. Send back the tools of the paused run.");
        }

        return new AnswersReceived([.. waiting.Select(call => Fit(call, given.FirstOrDefault(tool => tool.ToolCallId == call.ToolCallId)))]);
    }

    private static ToolExecution Fit(ToolExecution call, ToolExecution? answer)
    {
        var isRejected = call.RequiresConfirmation == true && answer?.Confirmed != true;
        if (call.ExternalExecutionRequired == true && !isRejected && answer?.Result is null)
        {
            throw new InvalidRequestException($"Tool {call.ToolName} requires external execution, cannot continue run");
        }

        return answer is null ? call : call with
        {
            Confirmed = answer.Confirmed,
            ConfirmationNote = answer.ConfirmationNote ?? call.ConfirmationNote,
            Result = answer.Result,
            UserInputSchema = Fill(call.UserInputSchema, answer.UserInputSchema),
        };
    }

    private static ImmutableArray<UserInputField>? Fill(ImmutableArray<UserInputField>? asked, ImmutableArray<UserInputField>? answers) =>
        asked is { } fields && answers is { } given
            ? [.. fields.Select(field => field with { Value = given.FirstOrDefault(answer => answer.Name == field.Name)?.Value ?? field.Value })]
            : asked;

    private static string Status(RunStatus status) => status switch
    {
        RunStatus.Cancelled => "cancelled",
        RunStatus.Completed => "completed",
        RunStatus.Error => "in error",
        _ => "already running",
    };
}
