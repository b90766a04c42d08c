using System.Runtime.CompilerServices;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Teams;

namespace Cluster.Engine.Agents;

/// <summary>The calls of one turn, at work at the same time, as many as the agent allows. What they tell meanwhile comes in the order in which it is told.</summary>
/// <param name="invocation">Calls the tools.</param>
/// <param name="run">The run.</param>
/// <param name="state">The session state that they share.</param>
internal sealed class ToolBatch(ToolInvocation invocation, AgentRun run, SessionState state)
{
    private readonly ToolNews _heard = new();

    private Task _ordered = Task.CompletedTask;

    /// <summary>Makes the calls.</summary>
    /// <returns>What a tool tells, or a call that ended.</returns>
    /// <exception cref="HandedOverException">The run goes on in another process. The calls that have their outcome here have been given.</exception>
    public async IAsyncEnumerable<(RunEvent? Told, InvokedTool? Ended)> CallAsync(ToolDecision[] calls, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var context = run.NewContext(state) with { Teller = _heard.Tell, Delegation = invocation.DelegationOf(run) };
        var waiting = new Queue<ToolDecision>(calls);
        var isHandedOver = false;
        for (var working = 0; working > 0 || (waiting.Count > 0 && !isHandedOver);)
        {
            for (; !isHandedOver && working < run.Agent.ToolCalls.Parallel && waiting.TryDequeue(out var next); working++)
            {
                Begin(next, context, cancellationToken);
            }

            var (told, call) = await _heard.TakeAsync(cancellationToken);
            if (call is null)
            {
                yield return (told, null);
                continue;
            }

            working--;
            if (await EndAsync(call) is { } ended)
            {
                yield return (null, ended);
            }
            else
            {
                isHandedOver = true;
            }
        }

        if (isHandedOver)
        {
            throw new HandedOverException();
        }
    }

    /// <summary>Gives how a call ended; null when it goes on in another process. The calls beside it may have no such successor: theirs are waited for.</summary>
    private static async Task<InvokedTool?> EndAsync(Task<InvokedTool> call)
    {
        try
        {
            return await call;
        }
        catch (HandedOverException)
        {
            return null;
        }
    }

    private void Begin(ToolDecision call, Tools.RunContext context, CancellationToken cancellationToken)
    {
        if (call.Tool?.Options.InOrder == true)
        {
            _ordered = WorkAsync(call, context, _ordered, cancellationToken);
        }
        else
        {
            _ = WorkAsync(call, context, Task.CompletedTask, cancellationToken);
        }
    }

    private async Task WorkAsync(ToolDecision call, Tools.RunContext context, Task before, CancellationToken cancellationToken)
    {
        await before;
        var calling = invocation.CallAsync(run, call, context with { ToolCallId = call.Execution.ToolCallId }, cancellationToken);
        await Task.WhenAny(calling);
        _heard.End(calling);
    }
}
