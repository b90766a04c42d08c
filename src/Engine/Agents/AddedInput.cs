using System.Runtime.CompilerServices;
using Cluster.Engine.Hooks;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Agents;

/// <summary>What the user says when a run is continued: guardrails look at it as at the input, hooks do not.</summary>
/// <param name="services">What the loop works with.</param>
/// <param name="run">The run.</param>
internal sealed class AddedInput(AgentLoopServices services, AgentRun run)
{
    /// <summary>Lets the guardrails look, and adds what they leave to the conversation.</summary>
    public async IAsyncEnumerable<RunEvent> CheckAsync(Message added, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var input = new RunInput { InputContent = added.Content ?? string.Empty };
        var check = run with
        {
            Agent = run.Agent with { Hooks = RunHooks.None },
            Request = run.Request with { Input = input, Refusal = null },
            State = run.State with { Output = run.State.Output with { Input = input } },
        };
        var hooks = new InputHooks(services, check, check.NewContext(check.NewState(run.State.SessionState)));
        await foreach (var next in hooks.CheckAsync(cancellationToken))
        {
            // The input of the run stays what it was.
            if (next is not InputChanged)
            {
                yield return next;
            }
        }

        if (!hooks.HasRefused)
        {
            yield return run.Stamp.Mark(new InputAdded(added with { Content = hooks.Input.InputContent.ToString() }));
        }
    }
}
