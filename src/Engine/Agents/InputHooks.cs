using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;
using Microsoft.Extensions.Logging;

namespace Cluster.Engine.Agents;

/// <summary>Guardrails and hooks in front of the model.</summary>
/// <param name="services">What the loop works with.</param>
/// <param name="run">The run.</param>
/// <param name="context">What they may know and change.</param>
internal sealed partial class InputHooks(AgentLoopServices services, AgentRun run, RunContext context)
{
    private readonly ILogger _logger = services.LoggerOf<InputHooks>();

    private RunInput? _brought;

    /// <summary>Gets the input as the hooks left it.</summary>
    public RunInput Input { get; private set; } = run.Input;

    /// <summary>Gets a value indicating whether one of them ended the run.</summary>
    public bool HasRefused { get; private set; }

    /// <summary>Lets all of them look at the input.</summary>
    public async IAsyncEnumerable<RunEvent> CheckAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var original = Input;
        foreach (var guardrail in run.Agent.Guardrails)
        {
            await foreach (var next in CheckAsync(guardrail.Name, (input, token) => CheckAsync(guardrail, input, token), cancellationToken))
            {
                yield return next;
            }
        }

        foreach (var hook in run.Agent.Hooks.Pre.TakeWhile(_ => !HasRefused))
        {
            if (hook.InBackground)
            {
                var given = await BringAsync(cancellationToken);
                BackgroundHooks.Start(() => hook.Run(given, context, CancellationToken.None).AsTask(), failure => LogIgnored(failure, hook.Name, context.RunId));
                continue;
            }

            await foreach (var next in CheckAsync(hook.Name, (input, token) => hook.Run(input, context, token), cancellationToken))
            {
                yield return next;
            }
        }

        if (!ReferenceEquals(original, Input) && !HasRefused)
        {
            yield return run.Stamp.Mark(new InputChanged(Input));
        }
    }

    /// <summary>A guardrail that breaks lets nothing through: otherwise whoever breaks it gets past it.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a guardrail breaks with, the input was not looked at.")]
    private async ValueTask<RunInput> CheckAsync(IGuardrail guardrail, RunInput input, CancellationToken cancellationToken)
    {
        if (run.Request.Refusal is { } refusal && refusal.Guardrail == guardrail.Name)
        {
            throw new InputCheckException(refusal.Message, refusal.Trigger) { AdditionalData = refusal.AdditionalData };
        }

        try
        {
            return await guardrail.CheckInputAsync(input, context, cancellationToken);
        }
        catch (Exception failure) when (failure is not CheckException && !cancellationToken.IsCancellationRequested)
        {
            LogClosed(failure, guardrail.Name, context.RunId);
            throw new InputCheckException($"The guardrail '{guardrail.Name}' failed, so the input was not let through. The server's log has the details of run {context.RunId}.");
        }
    }

    private async IAsyncEnumerable<RunEvent> CheckAsync(
        string name, Func<RunInput, CancellationToken, ValueTask<RunInput>> check, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (HasRefused)
        {
            yield break;
        }

        yield return run.Stamp.Mark(new PreHookStarted(name, Input));
        if (await TryAsync(name, check, cancellationToken) is { } refusal)
        {
            HasRefused = true;
            yield return Ending.Refuse(run.Stamp, refusal);
            yield break;
        }

        yield return run.Stamp.Mark(new PreHookCompleted(name, Input));
    }

    private async ValueTask<RunInput> BringAsync(CancellationToken cancellationToken) => _brought ??= await services.Media.BringAsync(Input, cancellationToken);

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A hook that breaks must not take the run with it; the contract has it so.")]
    private async ValueTask<CheckException?> TryAsync(string name, Func<RunInput, CancellationToken, ValueTask<RunInput>> check, CancellationToken cancellationToken)
    {
        try
        {
            // They look at the content itself; what they are told about, and what is recorded, refers to it.
            var given = await BringAsync(cancellationToken);
            var left = await check(given, cancellationToken);
            if (!ReferenceEquals(left, given))
            {
                _brought = left;
                Input = await services.Media.KeepAsync(left, cancellationToken);
            }

            return null;
        }
        catch (CheckException refusal)
        {
            return refusal;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            LogIgnored(failure, name, context.RunId);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The guardrail {Guardrail} failed before run {RunId}; the run ends")]
    private partial void LogClosed(Exception failure, string guardrail, string runId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The hook {Hook} failed before run {RunId}; the run goes on without it")]
    private partial void LogIgnored(Exception failure, string hook, string runId);
}
