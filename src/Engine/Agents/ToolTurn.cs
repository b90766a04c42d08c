using System.Runtime.CompilerServices;
using Cluster.Engine.Approvals;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Agents;

/// <summary>The tool calls of one turn: decide about each, call what may be called, all at the same time, and ask a human about the rest.</summary>
/// <param name="invocation">Calls the tools.</param>
internal sealed class ToolTurn(ToolInvocation invocation)
{
    public async IAsyncEnumerable<RunEvent> StepAsync(AgentRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var decisions = await ToolInvocation.VerifyAsync(run, Decide(run), cancellationToken);
        foreach (var settled in decisions.Where(decision => decision.Kind == DecisionKind.Settle))
        {
            foreach (var next in ApprovalRequests.AuditOf(run, settled.Execution))
            {
                yield return next;
            }

            foreach (var next in ToolOutcomes.Show(run, settled.Tool, ToolOutcomes.Settle(run, settled)))
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

            yield return run.Stamp.Mark(new ToolCallStarted(ToolOutcomes.AsAsked(call.Execution)));
        }

        await foreach (var next in CallAllAsync(run, calls, cancellationToken))
        {
            yield return next;
        }

        if (run.State.Team.IsContinuing)
        {
            yield return run.Stamp.Mark(new RunContinued());
            yield break;
        }

        // What this step settled is in the state of the next one: a pause has a step of its own.
        var waiting = decisions.Where(decision => decision.Kind == DecisionKind.Ask).Select(decision => decision.Execution).ToArray();
        foreach (var next in waiting.Length > 0 && waiting.Length == decisions.Count ? Pausing.Pause(run, waiting) : [])
        {
            yield return next;
        }
    }

    /// <summary>Members whom a human has answered go on first, and then their team.</summary>
    private static IReadOnlyList<ToolDecision> Decide(AgentRun run)
    {
        var decisions = new ToolDecisions(run).Decide();
        return run.State.Team is { IsContinuing: true } team
            ? [.. decisions.Where(decision => decision.Kind == DecisionKind.Call && team.RunsOf(decision.Execution.ToolCallId).Any())]
            : decisions;
    }

    private async IAsyncEnumerable<RunEvent> CallAllAsync(
        AgentRun run, ToolDecision[] calls, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var state = run.NewState(run.State.SessionState);
        var finished = new Dictionary<string, ToolExecution>(StringComparer.Ordinal);
        var unreported = new Queue<ToolExecution>(ToolOutcomes.Unreported(run, calls));
        await foreach (var (told, ended) in new ToolBatch(invocation, run, state).CallAsync(calls, cancellationToken))
        {
            if (told is not null)
            {
                yield return run.Stamp.MarkTold(told);
                continue;
            }

            var execution = ended!.Execution;
            finished[execution.ToolCallId!] = execution;
            var tool = calls.First(call => call.Execution.ToolCallId == execution.ToolCallId).Tool;
            foreach (var next in ended.IsWaiting ? [] : ToolOutcomes.Show(run, tool, ToolOutcomes.Settle(run, ToolOutcomes.Clear(execution), null, state.TakeChange(), ended)))
            {
                yield return next;
            }

            while (unreported.TryPeek(out var first) && (first.Metrics is not null || finished.ContainsKey(first.ToolCallId!)))
            {
                unreported.Dequeue();
                foreach (var next in ToolOutcomes.Report(run, finished.GetValueOrDefault(first.ToolCallId!, first)))
                {
                    yield return next;
                }
            }
        }

        foreach (var next in unreported.SelectMany(execution => ToolOutcomes.Report(run, execution)))
        {
            yield return next;
        }
    }
}
