using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Cluster.Engine.Messages;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Telemetry;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Agents;

/// <summary>One model call, from the request to the message that it leaves behind.</summary>
/// <param name="models">The models that agents name.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="capturesContent">True to put what is said into traces.</param>
internal sealed class ModelTurn(ModelCatalog models, TimeProvider timeProvider, bool capturesContent)
{
    public async IAsyncEnumerable<RunEvent> StepAsync(AgentRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (run.State.ModelCalls >= run.Agent.ToolCalls.MaxModelCalls)
        {
            yield return Ending.Error(
                run.Stamp,
                $"The run has asked its model {run.State.ModelCalls} times without an end. Raise MaxModelCalls ({run.Agent.ToolCalls.MaxModelCalls}) if it needs more.",
                "ModelCallLimitError");
            yield break;
        }

        var model = models.Resolve(run.Agent.Model);
        yield return run.Stamp.Mark(new ModelRequestStarted(model.Id, model.Provider));

        var answer = new ModelAnswer(run, timeProvider);
        using var call = ModelCallActivity.Start(run, model, capturesContent, timeProvider);
        await using var updates = model.Client.GetStreamingResponseAsync(
            ChatMessages.From(run.State.Output.Messages ?? []), Options(run, model), cancellationToken).GetAsyncEnumerator(cancellationToken);
        Exception? failure;
        while (true)
        {
            (var hasNext, failure) = await NextAsync(updates, call?.Activity, cancellationToken);
            if (!hasNext)
            {
                break;
            }

            foreach (var piece in answer.Hear(updates.Current))
            {
                yield return piece;
            }
        }

        call?.End(answer, failure);
        foreach (var next in failure is null ? answer.Complete(model) : Fail(run, answer, failure))
        {
            yield return next;
        }

        if (failure is not null && run.State.FailedAttempts < run.Agent.Retry.Retries)
        {
            await Task.Delay(Pause(run.Agent.Retry, run.State.FailedAttempts), timeProvider, cancellationToken);
            yield return run.Stamp.Mark(new RunStarted(model.Id, model.Provider));
        }
    }

    private static IEnumerable<RunEvent> Fail(AgentRun run, ModelAnswer answer, Exception failure)
    {
        yield return answer.Interrupt();
        yield return run.State.FailedAttempts < run.Agent.Retry.Retries
            ? run.Stamp.Mark(new AttemptFailed(failure.Message, run.State.FailedAttempts + 1))
            : Ending.Error(run.Stamp, failure.Message, (failure as ModelException)?.ErrorType ?? ModelException.ProviderError);
    }

    private static TimeSpan Pause(RetrySettings retry, int failedAttempts) =>
        retry.ExponentialBackoff ? retry.Delay * Math.Pow(2, failedAttempts) : retry.Delay;

    /// <summary>Moves on. A failure comes back as a value, because an iterator may not yield while it handles one.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a model client throws ends the run with an event, not the process.")]
    private static async ValueTask<(bool HasNext, Exception? Failure)> NextAsync(
        IAsyncEnumerator<ChatResponseUpdate> updates, Activity? activity, CancellationToken cancellationToken)
    {
        if (activity is not null)
        {
            // An iterator forgets what is current each time that it yields.
            Activity.Current = activity;
        }

        try
        {
            return (await updates.MoveNextAsync(), null);
        }
        catch (Exception failure)
        {
            // A connection that is cut because the run is to stop is not a failure of the model.
            cancellationToken.ThrowIfCancellationRequested();
            return (false, failure);
        }
    }

    private static ChatOptions Options(AgentRun run, ChatModel model)
    {
        var options = run.Agent.ModelOptions?.Clone() ?? new ChatOptions();
        options.ModelId = model.Id;
        options.Tools = [.. run.Agent.OfferedTools.Select(tool => tool.ToDeclaration())];
        if (options.Tools.Count == 0)
        {
            options.Tools = null;
        }
        else
        {
            options.ToolMode = ToolMode(run) ?? options.ToolMode;
        }

        return options;
    }

    /// <summary>A model that had to call a tool each time would never answer: it must until it has a result, and may not beyond the limit.</summary>
    private static ChatToolMode? ToolMode(AgentRun run)
    {
        var settled = (run.State.Output.Tools ?? []).Length;
        return run.Agent.ToolCalls switch
        {
            { Limit: { } limit } when settled >= limit => ChatToolMode.None,
            { Choice: null } => null,
            { Choice: "auto" } => ChatToolMode.Auto,
            { Choice: "none" } => ChatToolMode.None,
            _ when settled > 0 => ChatToolMode.Auto,
            { Choice: "required" } => ChatToolMode.RequireAny,
            { Choice: { } name } => ChatToolMode.RequireSpecific(name),
        };
    }
}

/// <summary>Collects what a model says.</summary>
/// <param name="run">The run that asked.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class ModelAnswer(AgentRun run, TimeProvider timeProvider)
{
    private readonly List<ContentPiece> _pieces = [];
    private readonly List<MessageToolCall> _calls = [];
    private readonly long _askedAt = timeProvider.GetTimestamp();
    private readonly double _askedAfter = run.Stamp.UnixTime - run.State.StartedAt;
    private double? _firstUpdateAt;
    private double? _firstTextAt;

    /// <summary>Gets the tokens as far as the provider told them.</summary>
    public UsageDetails Usage { get; } = new();

    /// <summary>Gets the id that the provider gave to the answer; null when it told none.</summary>
    public string? ResponseId { get; private set; }

    /// <summary>Gets the model that answered; null when the provider did not tell.</summary>
    public string? ResponseModel { get; private set; }

    /// <summary>Gets why the model stopped; null when the provider did not tell.</summary>
    public string? FinishReason { get; private set; }

    /// <summary>Gets the seconds from the request to the first thing that the model said; null when it said nothing.</summary>
    public double? TimeToFirstUpdate => _firstUpdateAt - _askedAfter;

    private double Elapsed => _askedAfter + timeProvider.GetElapsedTime(_askedAt).TotalSeconds;

    /// <summary>Takes in one update of the stream.</summary>
    public IEnumerable<RunEvent> Hear(ChatResponseUpdate update)
    {
        _firstUpdateAt ??= Elapsed;
        ResponseId ??= update.ResponseId;
        ResponseModel ??= update.ModelId;
        FinishReason = update.FinishReason?.Value ?? FinishReason;
        foreach (var content in update.Contents)
        {
            switch (content)
            {
                case TextContent { Text.Length: > 0 } text:
                    _firstTextAt ??= timeProvider.GetElapsedTime(_askedAt).TotalSeconds;
                    yield return Speak(new ContentPiece(text.Text));
                    break;
                case TextReasoningContent { Text.Length: > 0 } thought:
                    yield return Speak(new ContentPiece(null, thought.Text));
                    break;
                case FunctionCallContent call:
                    _calls.Add(new MessageToolCall(NewCallId(call.CallId), new MessageFunctionCall(call.Name, ChatMessages.WriteArguments(call))));
                    break;
                case UsageContent usage:
                    Usage.Add(usage.Details);
                    break;
            }
        }
    }

    /// <summary>Gives the events of an answer that came to its end.</summary>
    public IEnumerable<RunEvent> Complete(ChatModel model)
    {
        var metrics = new MessageMetrics
        {
            InputTokens = Usage.InputTokenCount ?? 0,
            OutputTokens = Usage.OutputTokenCount ?? 0,
            TotalTokens = Usage.TotalTokenCount ?? (Usage.InputTokenCount ?? 0) + (Usage.OutputTokenCount ?? 0),
            CacheReadTokens = Usage.CachedInputTokenCount ?? 0,
            ReasoningTokens = Usage.ReasoningTokenCount ?? 0,
            TimeToFirstToken = _firstTextAt,
        };
        yield return run.Stamp.Mark(new ModelResponded([.. _pieces], NewMessage(metrics)) { FirstPieceAt = _firstUpdateAt, Elapsed = Elapsed });
        yield return run.Stamp.Mark(new ModelRequestCompleted
        {
            Model = model.Id,
            ModelProvider = model.Provider,
            InputTokens = metrics.InputTokens,
            OutputTokens = metrics.OutputTokens,
            TotalTokens = metrics.TotalTokens,
            TimeToFirstToken = metrics.TimeToFirstToken,
            ReasoningTokens = metrics.ReasoningTokens,
            CacheReadTokens = metrics.CacheReadTokens,
            CacheWriteTokens = metrics.CacheWriteTokens,
        });
    }

    /// <summary>Gives what was said until the call failed.</summary>
    public RunEvent Interrupt() => run.Stamp.Mark(new ModelResponded([.. _pieces], null) { FirstPieceAt = _firstUpdateAt, Elapsed = Elapsed });

    /// <summary>Some models give no ids, others begin anew with each answer. Ledger and idempotency keys need one for each call of the run.</summary>
    private string NewCallId(string? given) =>
        string.IsNullOrEmpty(given) || _calls.Any(call => call.Id == given) || run.State.Output.Tools?.Any(tool => tool.ToolCallId == given) == true
            ? "call_" + Guid.NewGuid().ToString("N")[..24]
            : given;

    /// <summary>Gives what was said so far as a message.</summary>
    public Message ToMessage() => NewMessage(null);

    private AgentEvent Speak(ContentPiece piece)
    {
        _pieces.Add(piece);
        return run.Stamp.Mark(RunEventLog.ToDelta(piece) with { Elapsed = Elapsed });
    }

    private Message NewMessage(MessageMetrics? metrics)
    {
        var text = string.Concat(_pieces.Select(piece => piece.Text));
        var reasoning = string.Concat(_pieces.Select(piece => piece.Reasoning));
        return Ending.NewMessage(MessageRole.Assistant, text.Length > 0 || _calls.Count == 0 ? text : null, run.Stamp) with
        {
            ReasoningContent = reasoning.Length > 0 ? reasoning : null,
            ToolCalls = _calls.Count > 0 ? [.. _calls] : null,
            Metrics = metrics,
        };
    }
}
