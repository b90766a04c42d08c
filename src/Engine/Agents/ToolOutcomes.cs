using System.Globalization;
using System.Text;
using System.Text.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Agents;

/// <summary>What log and clients are told of tool calls that ended.</summary>
internal static class ToolOutcomes
{
    /// <summary>The begun calls in the order in which clients are told of their outcome: those that an earlier owner settled without telling included.</summary>
    public static IEnumerable<ToolExecution> Unreported(AgentRun run, ToolDecision[] calls) => run.State.Calls
        .Where(call => !call.IsReported)
        .Select(call => calls.FirstOrDefault(decision => decision.Execution.ToolCallId == call.Call.Id)?.Execution
            ?? (call is { IsIntended: true, IsReported: false, Outcome: not null } ? call.Execution : null))
        .OfType<ToolExecution>();

    /// <summary>Records the outcome. The result of a tool that asks for it is a part of the answer: it is told first and recorded with the outcome.</summary>
    public static IEnumerable<RunEvent> Show(AgentRun run, Tool? tool, RecoveryEvent settled)
    {
        if (settled is not ToolCallSettled { Tool: { ToolCallError: not true, Result.Length: > 0 } execution } outcome || tool?.Options.ShowResult != true)
        {
            yield return settled;
            yield break;
        }

        var piece = new ContentPiece(execution.Result);
        yield return run.Stamp.Mark(RunEventLog.ToDelta(piece, run.Stamp.UnixTime - run.State.StartedAt));
        yield return outcome with { Shown = [piece] };
    }

    /// <summary>A call that was made waits for nobody any more.</summary>
    public static ToolExecution Clear(ToolExecution execution) => execution with { RequiresConfirmation = execution.RequiresConfirmation is null ? null : false };

    /// <summary>Clients are told of a call that a human has filled in as it was asked for; that it is answered shows in the run.</summary>
    public static ToolExecution AsAsked(ToolExecution execution) =>
        execution is { RequiresUserInput: false, Answered: true } ? execution with { RequiresUserInput = true, Answered = null } : execution;

    /// <summary>Makes what was decided about a call what the model is told.</summary>
    public static RecoveryEvent Settle(AgentRun run, ToolDecision settled) =>
        Settle(run, settled.Execution, settled.Told, ended: settled.Media is { } media ? new InvokedTool(settled.Execution) { Media = media } : null);

    /// <summary>Makes the outcome of a call what the model is told.</summary>
    public static RecoveryEvent Settle(AgentRun run, ToolExecution execution, string? told, JsonElement? sessionState = null, InvokedTool? ended = null)
    {
        var message = Ending.NewMessage(MessageRole.Tool, told ?? execution.Result, run.Stamp) with
        {
            ToolCallId = execution.ToolCallId,
            ToolName = execution.ToolName,
            ToolArgs = execution.ToolArgs,
            ToolCallError = execution.ToolCallError,
            StopAfterToolCall = execution.StopAfterToolCall,
        };
        return run.Stamp.Mark(new ToolCallSettled(execution, message, sessionState)
        {
            Followers = ended?.Followers,
            Media = ended?.Media,
            IsAnswer = ended?.IsAnswer == true,
            AnswerType = ended?.AnswerType,
        });
    }

    /// <summary>Tells clients of a call that ended.</summary>
    public static IEnumerable<RunEvent> Report(AgentRun run, ToolExecution execution)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture, $"{execution.ToolName}({Arguments(execution.ToolArgs)}) completed in {execution.Metrics?.Duration ?? 0:0.0000}s. ");
        yield return run.Stamp.Mark(new ToolCallCompleted(text, AsAsked(execution)));
        if (execution.ToolCallError == true)
        {
            yield return run.Stamp.Mark(new ToolCallError(execution.Result ?? string.Empty, AsAsked(execution)));
        }
    }

    private static string Arguments(JsonElement? arguments)
    {
        const int Shown = 100;
        var text = new StringBuilder();
        foreach (var argument in arguments?.EnumerateObject() ?? default)
        {
            var value = argument.Value.ToString();
            text.Append(text.Length > 0 ? ", " : string.Empty).Append(argument.Name).Append('=').Append(value.Length > Shown ? "..." : value);
        }

        return text.ToString();
    }
}
