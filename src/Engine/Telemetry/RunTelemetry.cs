using System.Diagnostics;
using Cluster.Engine.Runs;
using Microsoft.Extensions.Logging;

namespace Cluster.Engine.Telemetry;

/// <summary>
/// What one owner of a run tells of it: a span for each time that the run is worked on, and the run's metrics. The span's parent is whoever asked for
/// the run, in this process or another, and not what is current: the loop turns long after that request was answered.
/// </summary>
/// <param name="services">What the owner works with. Its logger carries the run's ids in every line while the run is worked on.</param>
internal sealed class RunTelemetry(RunOwnerServices services)
{
    private static readonly Func<ILogger, string, string?, string?, IDisposable?> Scope =
        LoggerMessage.DefineScope<string, string?, string?>("Run {RunId} of session {SessionId} by agent {AgentId}");

    private ActivityContext _continuedBy;
    private Activity? _activity;
    private IDisposable? _scope;
    private string? _errorType;

    /// <summary>Remembers who answered a paused run: the next span is linked to that request.</summary>
    public void NoteContinuation() => _continuedBy = Activity.Current?.Context ?? default;

    /// <summary>Opens the span, and the scope of log lines, for work on the run. They are current for everything that the caller awaits.</summary>
    /// <param name="state">The run before the work.</param>
    public void Begin(RunState state)
    {
        RunMetering.AddLive(1);
        _scope = Scope(services.Logger, state.Output.RunId, state.Output.SessionId, state.Output.ComponentId);
        if (EngineTelemetry.Source.HasListeners())
        {
            _activity = Start(state);
        }
    }

    /// <summary>Closes what <see cref="Begin"/> opened.</summary>
    /// <param name="state">The run after the work.</param>
    public void End(RunState state)
    {
        if (_activity is { } activity)
        {
            Describe(activity, state);
            activity.Dispose();
        }

        _scope?.Dispose();
        (_activity, _scope, _continuedBy) = (null, null, default);
        RunMetering.AddLive(-1);
    }

    /// <summary>Takes note of an event that is on record.</summary>
    /// <param name="before">The run before the event.</param>
    /// <param name="after">The run after it.</param>
    /// <param name="next">The event.</param>
    public void Observe(RunState before, RunState after, RunEvent next)
    {
        if (before.Output.Status == RunStatus.Pending && after.Output.Status == RunStatus.Running)
        {
            RunMetering.Start(after);
        }

        if (before.Phase != RunPhase.Finished && after.Phase == RunPhase.Finished)
        {
            _errorType = (next as RunError)?.ErrorType;
            RunMetering.Finish(after, services.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
        }
    }

    private Activity? Start(RunState state)
    {
        var parent = TraceParent.Parse(state.Request?.TraceParent);
        if (parent == default)
        {
            // A default parent would mean the current one: the request of another run, if anything.
            Activity.Current = null;
        }

        var tags = new TagList
        {
            { TelemetryNames.OperationName, TelemetryNames.InvokeAgent },
            { TelemetryNames.AgentId, state.Output.ComponentId },
            { TelemetryNames.ConversationId, state.Output.SessionId },
            { TelemetryNames.RunId, state.Output.RunId },
            { TelemetryNames.RunGeneration, state.Generation },
        };
        if (state.Output.ParentRunId is { } parentRunId)
        {
            tags.Add(TelemetryNames.ParentRunId, parentRunId);
        }

        ActivityLink[]? links = _continuedBy == default ? null : [new ActivityLink(_continuedBy)];
        return EngineTelemetry.Source.StartActivity(Name(state), ActivityKind.Internal, parent, tags, links);
    }

    private void Describe(Activity activity, RunState state)
    {
        // Agent and model are only known when the run has begun.
        activity.DisplayName = Name(state);
        activity.SetTag(TelemetryNames.AgentName, state.Output.ComponentName);
        activity.SetTag(TelemetryNames.RequestModel, state.Output.Model);
        activity.SetTag(TelemetryNames.ProviderName, state.Output.ModelProvider is { } provider ? TelemetryNames.Provider(provider) : null);
        activity.SetTag(TelemetryNames.RunStatus, TelemetryNames.Status(state.Output.Status));
        if (state.Output.Status == RunStatus.Error)
        {
            activity.SetTag(TelemetryNames.ErrorType, _errorType ?? TelemetryNames.OtherError);
            activity.SetStatus(ActivityStatusCode.Error);
        }
    }

    private static string Name(RunState state) => $"{TelemetryNames.InvokeAgent} {state.Output.ComponentName ?? state.Output.ComponentId}";
}
