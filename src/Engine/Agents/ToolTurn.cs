using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Cluster.Engine.Approvals;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Agents;

/// <summary>The tool calls of one turn: decide about each, call what may be called, all at the same time, and ask a human about the rest.</summary>
/// <param name="invocation">Calls the tools.</param>
internal sealed class ToolTurn(ToolInvocation invocation)
{
    public async IAsyncEnumerable<RunEvent> StepAsync(AgentRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var decisions = await ToolInvocation.VerifyAsync(run, new ToolDecisions(run).Decide(), cancellationToken);
        foreach (var settled in decisions.Where(decision => decision.Kind == DecisionKind.Settle))
        {
            foreach (var next in ApprovalRequests.AuditOf(run, settled.Execution))
            {
                yield return next;
            }

            foreach (var next in Show(run, settled.Tool, Settle(run, settled.Execution, settled.Told)))
            {
                yield return next;
            }
        }

        var calls = decisions.Where(decision => decision.Kind == DecisionKind.Call).ToArray();
        foreach (var call in calls.Where(call => !call.IsRepetition))
        {
            foreach (var next in ApprovalRequests.AuditOf(run, call.Execution))
            {
                yield return next;
            }

            yield return run.Stamp.Mark(new ToolCallStarted(call.Execution));
        }

        await foreach (var next in CallAllAsync(run, calls, cancellationToken))
        {
            yield return next;
        }

        // What this step settled is in the state of the next one: a pause has a step of its own.
        var waiting = decisions.Where(decision => decision.Kind == DecisionKind.Ask).Select(decision => decision.Execution).ToArray();
        foreach (var next in waiting.Length > 0 && waiting.Length == decisions.Count ? Pausing.Pause(run, waiting) : [])
        {
            yield return next;
        }
    }

    private async IAsyncEnumerable<RunEvent> CallAllAsync(
        AgentRun run, ToolDecision[] calls, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var state = run.NewState(run.State.SessionState);
        var finished = new Dictionary<string, ToolExecution>(StringComparer.Ordinal);
        var unreported = new Queue<ToolExecution>(Unreported(run, calls));
        await foreach (var (told, ended) in new ToolBatch(invocation, run, state).CallAsync(calls, cancellationToken))
        {
            if (told is not null)
            {
                yield return run.Stamp.Mark(told);
                continue;
            }

            var execution = ended!.Execution;
            finished[execution.ToolCallId!] = execution;
            var tool = calls.First(call => call.Execution.ToolCallId == execution.ToolCallId).Tool;
            foreach (var next in Show(run, tool, Settle(run, Clear(execution), null, state.TakeChange(), ended)))
            {
                yield return next;
            }

            while (unreported.TryPeek(out var first) && (first.Metrics is not null || finished.ContainsKey(first.ToolCallId!)))
            {
                unreported.Dequeue();
                foreach (var next in Report(run, finished.GetValueOrDefault(first.ToolCallId!, first)))
                {
                    yield return next;
                }
            }
        }

        foreach (var next in unreported.SelectMany(execution => Report(run, execution)))
        {
            yield return next;
        }
    }

    /// <summary>The begun calls in the order in which clients are told of their outcome: those that an earlier owner settled without telling included.</summary>
    private static IEnumerable<ToolExecution> Unreported(AgentRun run, ToolDecision[] calls) => run.State.Calls
        .Select(call => calls.FirstOrDefault(decision => decision.Execution.ToolCallId == call.Call.Id)?.Execution
            ?? (call is { IsIntended: true, IsReported: false, Outcome: not null } ? call.Execution : null))
        .OfType<ToolExecution>();

    /// <summary>Records the outcome. The result of a tool that asks for it is a part of the answer: it is told first and recorded with the outcome.</summary>
    private static IEnumerable<RunEvent> Show(AgentRun run, Tool? tool, RecoveryEvent settled)
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
    private static ToolExecution Clear(ToolExecution execution) => execution with { RequiresConfirmation = execution.RequiresConfirmation is null ? null : false };

    private static RecoveryEvent Settle(AgentRun run, ToolExecution execution, string? told, JsonElement? sessionState = null, InvokedTool? ended = null)
    {
        var message = Ending.NewMessage(MessageRole.Tool, told ?? execution.Result, run.Stamp) with
        {
            ToolCallId = execution.ToolCallId,
            ToolName = execution.ToolName,
            ToolArgs = execution.ToolArgs,
            ToolCallError = execution.ToolCallError,
            StopAfterToolCall = execution.StopAfterToolCall,
        };
        return run.Stamp.Mark(new ToolCallSettled(execution, message, sessionState) { Followers = ended?.Followers, Media = ended?.Media });
    }

    private static IEnumerable<RunEvent> Report(AgentRun run, ToolExecution execution)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture, $"{execution.ToolName}({Arguments(execution.ToolArgs)}) completed in {execution.Metrics?.Duration ?? 0:0.0000}s. ");
        yield return run.Stamp.Mark(new ToolCallCompleted(text, execution));
        if (execution.ToolCallError == true)
        {
            yield return run.Stamp.Mark(new ToolCallError(execution.Result ?? string.Empty, execution));
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
