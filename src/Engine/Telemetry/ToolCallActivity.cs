using System.Diagnostics;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Json;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Telemetry;

/// <summary>The span of one tool call.</summary>
internal static class ToolCallActivity
{
    /// <summary>Begins a call.</summary>
    /// <param name="run">The run that calls.</param>
    /// <param name="call">The call.</param>
    /// <param name="capturesContent">True to tell the arguments.</param>
    /// <returns>The span; null when nobody listens or the trace is not sampled.</returns>
    public static Activity? Start(AgentRun run, ToolExecution call, bool capturesContent)
    {
        if (!EngineTelemetry.Source.HasListeners())
        {
            return null;
        }

        var tags = new TagList
        {
            { TelemetryNames.OperationName, TelemetryNames.ExecuteTool },
            { TelemetryNames.ToolName, call.ToolName },
            { TelemetryNames.ToolCallId, call.ToolCallId },
            { TelemetryNames.ToolType, "function" },
        };
        var activity = EngineTelemetry.Source.StartActivity(ActivityKind.Internal, tags: tags, name: $"{TelemetryNames.ExecuteTool} {call.ToolName}");
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetRun(run);
            if (capturesContent)
            {
                activity.SetTag(TelemetryNames.ToolCallArguments, JsonSerializer.Serialize(call.ToolArgs ?? EngineJson.EmptyObject, EngineJson.Context.JsonElement));
            }
        }

        return activity;
    }

    /// <summary>Tells what a tool gave back.</summary>
    /// <param name="activity">The span.</param>
    /// <param name="result">The result.</param>
    /// <param name="capturesContent">True to tell it.</param>
    public static void Answer(Activity? activity, string result, bool capturesContent)
    {
        if (capturesContent && activity is { IsAllDataRequested: true })
        {
            activity.SetTag(TelemetryNames.ToolCallResult, result);
        }
    }

    /// <summary>Tells that a tool failed. Its message is not told: it may hold anything.</summary>
    /// <param name="activity">The span.</param>
    /// <param name="errorType">What kind of failure it was.</param>
    public static void Fail(Activity? activity, string? errorType) =>
        activity?.SetTag(TelemetryNames.ErrorType, errorType).SetStatus(ActivityStatusCode.Error);

    /// <summary>Names the run that a span belongs to.</summary>
    public static Activity SetRun(this Activity activity, AgentRun run) => activity
        .SetTag(TelemetryNames.ConversationId, run.Request.SessionId)
        .SetTag(TelemetryNames.AgentId, run.Request.AgentId)
        .SetTag(TelemetryNames.AgentName, run.Agent.Name)
        .SetTag(TelemetryNames.RunId, run.Request.RunId);
}
