using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Hooks;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;
using Microsoft.Extensions.Logging;

namespace Cluster.Engine.Agents;

/// <summary>Guardrails and hooks behind the answer, and the end of the run. A successor goes on behind the last hook that is on record.</summary>
/// <param name="services">What the loop works with.</param>
internal sealed partial class OutputHooks(AgentLoopServices services)
{
    private readonly ILogger _logger = services.LoggerOf<OutputHooks>();

    /// <summary>Tells that the answer is complete, lets all of them look at it and ends the run.</summary>
    public async IAsyncEnumerable<RunEvent> FinishAsync(AgentRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var output = run.State.Output;
        if (!run.State.Stages.IsContentComplete)
        {
            yield return run.Stamp.Mark(new RunContentCompleted());
        }

        if (run.Agent.ChecksOutput)
        {
            await foreach (var next in LookAsync(run, cancellationToken))
            {
                yield return next;
            }

            yield break;
        }

        await new AnswerFile(services).WriteAsync(run, output, cancellationToken);
        yield return Ending.Completed(output, run.State.SessionState, run.Stamp, output.Content ?? string.Empty);
    }

    private async IAsyncEnumerable<RunEvent> LookAsync(AgentRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var output = run.State.Output;
        var context = run.NewContext(run.NewState(run.State.SessionState));
        foreach (var hook in Left(run))
        {
            if (hook.InBackground)
            {
                var given = output;
                BackgroundHooks.Start(() => hook.Run(given, context, CancellationToken.None).AsTask(), failure => LogIgnored(failure, hook.Name, context.RunId));
                continue;
            }

            yield return run.Stamp.Mark(new PostHookStarted(hook.Name));
            var (changed, refusal) = await TryAsync(hook, output, context, cancellationToken);
            if (refusal is not null)
            {
                yield return Ending.Refuse(run.Stamp, refusal);
                yield break;
            }

            if (changed.Content != output.Content || changed.ContentType != output.ContentType)
            {
                yield return run.Stamp.Mark(new AnswerChanged(changed.Content, changed.ContentType));
            }

            output = output with { Content = changed.Content, ContentType = changed.ContentType };
            yield return run.Stamp.Mark(new PostHookCompleted(hook.Name));
        }

        await new AnswerFile(services).WriteAsync(run, output, cancellationToken);
        yield return Ending.Completed(output, context.State.Kept, run.Stamp, output.Content ?? string.Empty);
    }

    /// <summary>Gives the hooks behind the last one that is on record. Those that nobody waits for are not recorded; those before it were begun.</summary>
    private IEnumerable<PostHook> Left(AgentRun run)
    {
        var done = run.State.Stages.PostHooks;
        return All(run).SkipWhile(hook => done > 0 && (hook.InBackground || done-- > 0));
    }

    private IEnumerable<PostHook> All(AgentRun run) => run.Agent.Guardrails
        .Select(guardrail => new PostHook(guardrail.Name, (output, context, token) => CheckAsync(guardrail, output, context, token)))
        .Concat(run.Agent.Hooks.Post);

    /// <summary>A guardrail that breaks lets nothing through: otherwise whoever breaks it gets past it.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a guardrail breaks with, the answer was not looked at.")]
    private async ValueTask<RunOutput> CheckAsync(IGuardrail guardrail, RunOutput output, RunContext context, CancellationToken cancellationToken)
    {
        try
        {
            await guardrail.CheckOutputAsync(output, context, cancellationToken);
            return output;
        }
        catch (Exception failure) when (failure is not CheckException && !cancellationToken.IsCancellationRequested)
        {
            LogClosed(failure, guardrail.Name, context.RunId);
            throw new OutputCheckException($"The guardrail '{guardrail.Name}' failed, so the answer was not let through. The server's log has the details of run {context.RunId}.");
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A hook that breaks must not take the answer with it; the contract has it so.")]
    private async ValueTask<(RunOutput Output, CheckException? Refusal)> TryAsync(PostHook hook, RunOutput output, RunContext context, CancellationToken cancellationToken)
    {
        try
        {
            return (await hook.Run(output, context, cancellationToken), null);
        }
        catch (CheckException refusal)
        {
            return (output, refusal);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            LogIgnored(failure, hook.Name, context.RunId);
            return (output, null);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The guardrail {Guardrail} failed after run {RunId}; the run ends with an error")]
    private partial void LogClosed(Exception failure, string guardrail, string runId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The hook {Hook} failed after run {RunId}; its answer stays as it is")]
    private partial void LogIgnored(Exception failure, string hook, string runId);
}
