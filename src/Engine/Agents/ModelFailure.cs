using System.Runtime.CompilerServices;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Agents;

/// <summary>What follows a model call that failed: another model, another attempt, or the end of the run.</summary>
/// <param name="services">What the loop works with.</param>
/// <param name="run">The run.</param>
internal sealed class ModelFailure(AgentLoopServices services, AgentRun run)
{
    public async IAsyncEnumerable<RunEvent> HandleAsync(Exception failure, ChatModel model, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var kind = (failure as ModelException)?.Kind ?? ModelErrorKind.Error;
        if (kind == ModelErrorKind.ContextLength && run.Agent.Context.EmergencyCompaction)
        {
            var isShorter = false;
            await foreach (var next in new Compaction(services, run).RescueAsync(cancellationToken))
            {
                yield return next;
                isShorter |= next is ConversationCompacted or ToolResultsCleared;
            }

            if (isShorter)
            {
                yield break;
            }
        }

        if (ModelChoice.Next(run, kind) is var (cause, number))
        {
            yield return run.Stamp.Mark(new ModelFellBack(failure.Message, cause, number));
            yield break;
        }

        if (run.State.FailedAttempts >= run.Agent.Retry.Retries)
        {
            yield return Ending.Error(run.Stamp, failure.Message, (failure as ModelException)?.ErrorType ?? ModelException.ProviderError);
            yield break;
        }

        yield return run.Stamp.Mark(new AttemptFailed(failure.Message, run.State.FailedAttempts + 1));
        await Task.Delay(Pause(run.Agent.Retry, run.State.FailedAttempts), services.TimeProvider, cancellationToken);
        yield return run.Stamp.Mark(new RunStarted(model.Id, model.Provider));
    }

    private static TimeSpan Pause(RetrySettings retry, int failedAttempts) =>
        retry.ExponentialBackoff ? retry.Delay * Math.Pow(2, failedAttempts) : retry.Delay;
}
