using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using Cluster.Engine.Telemetry;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Agents;

/// <summary>A tool call that ended.</summary>
/// <param name="Execution">The call with its outcome.</param>
internal sealed record InvokedTool(ToolExecution Execution)
{
    /// <summary>Gets what the tool adds to the conversation.</summary>
    public ImmutableArray<Message>? Followers { get; init; }

    /// <summary>Gets what the tool made.</summary>
    public RunMedia? Media { get; init; }

    /// <summary>Gets a value indicating whether the call waits for a member of the team, and what it has given is not its outcome.</summary>
    public bool IsWaiting { get; init; }

    /// <summary>Gets a value indicating whether the result is the run's answer, told in the words of a member.</summary>
    public bool IsAnswer { get; init; }

    /// <summary>Gets the kind of an answer that is an object; null for a text.</summary>
    public string? AnswerType { get; init; }
}

/// <summary>One tool call, from the arguments to the outcome.</summary>
/// <param name="services">What the loop works with.</param>
[SuppressMessage("Maintainability", "CA1506:Avoid excessive class coupling", Justification = "A call meets here everything that has a say in it.")]
internal sealed class ToolInvocation(AgentLoopServices services)
{
    /// <summary>Gives what hands tasks to members; null for a run without any.</summary>
    public Delegation? DelegationOf(AgentRun run) => run.Team is null ? null : new Delegation(services, run);

    private bool CapturesContent => services.Telemetry.CaptureContent;

    /// <summary>Calls a tool, off the caller's path.</summary>
    /// <param name="run">The run that calls.</param>
    /// <param name="call">The call.</param>
    /// <param name="context">What the tool may know; its state is shared by the calls of a turn.</param>
    /// <param name="cancellationToken">Stops the tool, if it listens.</param>
    /// <returns>The call with its outcome; a failure is one.</returns>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a tool throws is told to the model, which can react.")]
    public async Task<InvokedTool> CallAsync(AgentRun run, ToolDecision call, RunContext context, CancellationToken cancellationToken)
    {
        await Task.Yield();
        using var activity = ToolCallActivity.Start(run, call.Execution, CapturesContent);
        var startTime = run.Stamp.UnixTime;
        var timestamp = services.TimeProvider.GetTimestamp();
        InvokedTool ended;
        try
        {
            var result = await InvokeAsync(run, call, context, cancellationToken);
            ToolCallActivity.Answer(activity, result.Content, CapturesContent);
            ended = new InvokedTool(call.Execution with { Result = result.Content, ToolCallError = false, ChildRunId = result.ChildRunId ?? call.Execution.ChildRunId })
            {
                Media = await services.Media.KeepAsync(result.Media, cancellationToken),
                IsWaiting = result.IsWaiting,
                IsAnswer = result.IsAnswer,
                AnswerType = result.AnswerType,
            };
        }
        catch (HandedOverException)
        {
            // The run goes on in another process, and the call with it.
            throw;
        }
        catch (ToolSignalException signal)
        {
            ended = Signalled(run, call.Execution, signal);
        }
        catch (Exception error)
        {
            ToolCallActivity.Fail(activity, cancellationToken.IsCancellationRequested ? TelemetryNames.Cancelled : error.GetType().FullName);

            // A tool that is stopped breaks as it likes; that is not its outcome.
            cancellationToken.ThrowIfCancellationRequested();
            ended = new InvokedTool(call.Execution with { Result = error.Message, ToolCallError = true });
        }

        var duration = services.TimeProvider.GetElapsedTime(timestamp).TotalSeconds;
        return ended with { Execution = ended.Execution with { Metrics = new ToolCallMetrics(startTime, startTime + duration, duration) } };
    }

    /// <summary>Asks tools that know it whether a call that an earlier owner began was made.</summary>
    /// <returns>The decisions, without any that is left to the tool.</returns>
    public static async Task<IReadOnlyList<ToolDecision>> VerifyAsync(AgentRun run, IReadOnlyList<ToolDecision> decisions, CancellationToken cancellationToken) =>
        decisions.All(decision => decision.Kind != DecisionKind.Verify)
            ? decisions
            : await Task.WhenAll(decisions.Select(decision => decision.Kind == DecisionKind.Verify ? VerifyAsync(run, decision, cancellationToken) : Task.FromResult(decision)));

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A tool that cannot tell leaves the question to a human.")]
    private static async Task<ToolDecision> VerifyAsync(AgentRun run, ToolDecision decision, CancellationToken cancellationToken)
    {
        var tool = decision.Tool!;
        var context = run.NewContext(run.NewState(run.State.SessionState)) with { ToolCallId = decision.Execution.ToolCallId };
        try
        {
            var found = await tool.Options.VerifyAsync!(new ToolCall(tool.Name, decision.Execution.ToolArgs!.Value, context), cancellationToken);
            return found is null
                ? decision with { Kind = DecisionKind.Call, IsRepetition = true }
                : decision with { Kind = DecisionKind.Settle, Execution = decision.Execution with { Result = found.Content, ToolCallError = false }, Media = await run.Contents.KeepAsync(found.Media, cancellationToken) };
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return ToolDecisions.AskInDoubt(decision.Execution, tool);
        }
    }

    private static InvokedTool Signalled(AgentRun run, ToolExecution execution, ToolSignalException signal) =>
        new(execution with { Result = signal.Message, ToolCallError = true, StopAfterToolCall = execution.StopAfterToolCall || signal.StopsRun })
        {
            Followers = [.. signal.All.Select(message => Ending.NewMessage(message.Role, message.Content, run.Stamp))],
        };

    /// <summary>Takes the result that the same call gave before, or makes the call within its time.</summary>
    private async ValueTask<ToolResult> InvokeAsync(AgentRun run, ToolDecision decision, RunContext context, CancellationToken cancellationToken)
    {
        var tool = decision.Tool!;
        DemandInput(tool, decision.Execution);
        var call = new ToolCall(tool.Name, decision.Execution.ToolArgs!.Value, context);
        var key = tool.Options.CacheFor is null ? null : CacheKey(call);
        if (key is not null && await services.Cache.FindAsync(key, cancellationToken) is { } known)
        {
            return known;
        }

        var result = await WithinTimeAsync(tool.Options.Timeout ?? run.Agent.ToolCalls.Timeout, tool.Name, token => ChainAsync(run, tool, call, token), cancellationToken);
        if (key is not null && result is { Media: null, IsWaiting: false })
        {
            await services.Cache.PutAsync(key, result.Content, tool.Options.CacheFor!.Value, cancellationToken);
        }

        return result;
    }

    /// <summary>What a user was asked for and left empty fails the call, unless the tool takes null: the value that stands for silence is not the user's.</summary>
    private static void DemandInput(Tool tool, ToolExecution execution)
    {
        var empty = execution.Answered == true
            ? (execution.UserInputSchema ?? []).FirstOrDefault(field => field.Value is null
                && execution.ToolArgs!.Value.TryGetProperty(field.Name, out var value) && value.ValueKind == JsonValueKind.Null
                && !ToolSchema.TakesNull(tool.AllParameters, field.Name))
            : null;
        if (empty is not null)
        {
            throw new InvalidRequestException($"{tool.Name} was not called: {empty.Name} should be a {empty.FieldType} and was left empty.");
        }
    }

    private static ValueTask<ToolResult> ChainAsync(AgentRun run, Tool tool, ToolCall call, CancellationToken cancellationToken)
    {
        if (run.Agent.ToolCalls.Middleware.IsEmpty && tool.Options.Middleware.IsEmpty)
        {
            return new ValueTask<ToolResult>(tool.CallAsync(call.Arguments, call.Run, cancellationToken));
        }

        ToolCallNext next = async (inner, token) => await tool.CallAsync(inner.Arguments, inner.Run, token);
        foreach (var middleware in run.Agent.ToolCalls.Middleware.Concat(tool.Options.Middleware).Reverse())
        {
            var wrapped = next;
            next = (inner, token) => middleware(inner, wrapped, token);
        }

        return next(call, cancellationToken);
    }

    /// <summary>A tool that does not listen is left alone when its time is over: the run goes on without it.</summary>
    private async ValueTask<ToolResult> WithinTimeAsync(
        TimeSpan? timeout, string name, Func<CancellationToken, ValueTask<ToolResult>> call, CancellationToken cancellationToken)
    {
        if (timeout is not { } limit)
        {
            return await call(cancellationToken).AsTask().WaitAsync(cancellationToken);
        }

        using var timer = new CancellationTokenSource(limit, services.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await call(either.Token).AsTask().WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{name} did not answer within {limit.TotalSeconds:0.###} seconds. Whether it has done its work is not known.");
        }
    }

    /// <summary>Results of one user are never given to another: a tool may look at who asks.</summary>
    private static string CacheKey(ToolCall call)
    {
        var text = string.Join('\u001f', call.Run.AgentId, call.Run.UserId, call.Name, JsonSerializer.Serialize(call.Arguments, EngineJson.Context.JsonElement));
        return "tool/" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
