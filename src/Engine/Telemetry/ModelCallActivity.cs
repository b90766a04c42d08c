using System.Diagnostics;
using Cluster.Engine.Agents;
using Cluster.Engine.Messages;
using Cluster.Engine.Models;

namespace Cluster.Engine.Telemetry;

/// <summary>Span and metrics of one model call.</summary>
internal sealed class ModelCallActivity : IDisposable
{
    private readonly TimeProvider _timeProvider;
    private readonly long _startedAt;
    private readonly bool _capturesContent;
    private TagList _tags;
    private bool _hasEnded;

    private ModelCallActivity(Activity? activity, TagList tags, bool capturesContent, TimeProvider timeProvider)
    {
        Activity = activity;
        _tags = tags;
        _capturesContent = capturesContent;
        _timeProvider = timeProvider;
        _startedAt = timeProvider.GetTimestamp();
    }

    /// <summary>Gets the span; null when nobody listens or the trace is not sampled.</summary>
    public Activity? Activity { get; }

    /// <summary>Begins a call.</summary>
    /// <param name="run">The run that asks.</param>
    /// <param name="model">The model that is asked.</param>
    /// <param name="messages">What is asked.</param>
    /// <param name="capturesContent">True to tell what was asked and answered.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <returns>The call; null when nobody listens.</returns>
    public static ModelCallActivity? Start(AgentRun run, ChatModel model, IReadOnlyCollection<Message> messages, bool capturesContent, TimeProvider timeProvider)
    {
        var isTraced = EngineTelemetry.Source.HasListeners();
        if (!isTraced && !GenAiMetrics.Enabled)
        {
            return null;
        }

        var tags = new TagList
        {
            { TelemetryNames.OperationName, TelemetryNames.Chat },
            { TelemetryNames.ProviderName, TelemetryNames.Provider(model.Provider) },
            { TelemetryNames.RequestModel, model.Id },
        };
        var activity = isTraced
            ? EngineTelemetry.Source.StartActivity(ActivityKind.Client, tags: tags, name: $"{TelemetryNames.Chat} {model.Id}")
            : null;
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetRun(run).SetTag(TelemetryNames.RequestStream, true);
            if (capturesContent)
            {
                activity.SetTag(TelemetryNames.InputMessages, CapturedMessages.ToJson(messages));
            }
        }

        return new ModelCallActivity(activity, tags, capturesContent, timeProvider);
    }

    /// <summary>Ends the call.</summary>
    /// <param name="answer">What the model said.</param>
    /// <param name="failure">What went wrong; null for an answer.</param>
    public void End(ModelAnswer answer, Exception? failure)
    {
        if (Activity is { IsAllDataRequested: true })
        {
            Describe(Activity, answer);
        }

        if (answer.ResponseModel is { } responseModel)
        {
            _tags.Add(TelemetryNames.ResponseModel, responseModel);
        }

        Activity?.SetTag(TelemetryNames.HttpStatusCode, (failure as ModelException)?.StatusCode);
        End(failure is null ? null : (failure as ModelException)?.ErrorType ?? failure.GetType().FullName, answer);
    }

    /// <summary>Ends a call that was stopped before its end.</summary>
    public void Dispose()
    {
        if (!_hasEnded)
        {
            End(TelemetryNames.Cancelled, null);
        }
    }

    private void End(string? errorType, ModelAnswer? answer)
    {
        _hasEnded = true;
        if (errorType is not null)
        {
            _tags.Add(TelemetryNames.ErrorType, errorType);
            Activity?.SetTag(TelemetryNames.ErrorType, errorType).SetStatus(ActivityStatusCode.Error);
        }

        GenAiMetrics.Record(
            _tags,
            _timeProvider.GetElapsedTime(_startedAt).TotalSeconds,
            answer?.TimeToFirstUpdate,
            (answer?.Usage.InputTokenCount, answer?.Usage.OutputTokenCount));
        Activity?.Dispose();
    }

    private void Describe(Activity activity, ModelAnswer answer)
    {
        activity.SetTag(TelemetryNames.ResponseModel, answer.ResponseModel);
        activity.SetTag(TelemetryNames.ResponseId, answer.ResponseId);
        activity.SetTag(TelemetryNames.ResponseTimeToFirstChunk, answer.TimeToFirstUpdate);
        activity.SetTag(TelemetryNames.InputTokens, answer.Usage.InputTokenCount);
        activity.SetTag(TelemetryNames.OutputTokens, answer.Usage.OutputTokenCount);
        activity.SetTag(TelemetryNames.CacheReadTokens, answer.Usage.CachedInputTokenCount);
        if (answer.FinishReason is { } reason)
        {
            activity.SetTag(TelemetryNames.ResponseFinishReasons, new[] { reason });
        }

        if (_capturesContent)
        {
            activity.SetTag(TelemetryNames.OutputMessages, CapturedMessages.ToJson([answer.ToMessage()], answer.FinishReason));
        }
    }
}
