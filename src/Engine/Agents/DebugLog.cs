using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Microsoft.Extensions.Logging;

namespace Cluster.Engine.Agents;

/// <summary>How much an agent writes into the log of what its runs do.</summary>
public enum DebugMode
{
    /// <summary>Nothing beyond what every run does.</summary>
    Off,

    /// <summary>Each step: models with their tokens, tools with their durations. Nothing that people, models or tools said.</summary>
    Steps,

    /// <summary>Each step with all that was said, prompts, arguments and results, at the level Debug: for a developer's machine.</summary>
    Content,
}

/// <summary>Writes what the runs of an agent do into the log.</summary>
/// <param name="services">What the loop works with.</param>
/// <param name="run">The run.</param>
internal sealed partial class DebugLog(AgentLoopServices services, AgentRun run)
{
    private readonly ILogger _logger = services.LoggerOf<DebugLog>();

    /// <summary>Lets the events of a step pass and tells of them, except of the pieces of an answer.</summary>
    public async IAsyncEnumerable<RunEvent> FollowAsync(IAsyncEnumerable<RunEvent> step, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var next in step.WithCancellation(cancellationToken))
        {
            if (next.Durability != EventDurability.Live)
            {
                Tell(next);
            }

            yield return next;
        }
    }

    [SuppressMessage("Performance", "CA1873:Avoid potentially expensive logging", Justification = "An agent in debug mode is meant to be expensive.")]
    private void Tell(RunEvent next)
    {
        if (run.Agent.Debug == DebugMode.Content)
        {
            LogContent(run.Agent.AgentId, run.Request.RunId, JsonSerializer.Serialize(next, EngineJson.Context.RunEvent));
        }
        else
        {
            LogStep(run.Agent.AgentId, run.Request.RunId, next.Event, Outline(next));
        }
    }

    private static string Outline(RunEvent next) => next switch
    {
        ModelRequestCompleted model => string.Create(CultureInfo.InvariantCulture, $" {model.ModelProvider} {model.Model}, {model.InputTokens} tokens in, {model.OutputTokens} out"),
        ToolCallStarted call => $" {call.Tool.ToolName}",
        ToolCallCompleted call => string.Create(
            CultureInfo.InvariantCulture, $" {call.Tool.ToolName}{(call.Tool.ToolCallError == true ? ", failed" : string.Empty)}, {call.Tool.Metrics?.Duration ?? 0:0.000} s"),
        RunError error => $" {error.ErrorType}",
        _ => string.Empty,
    };

    [LoggerMessage(LogLevel.Information, "{AgentId} run {RunId}: {Event}{Outline}")]
    private partial void LogStep(string agentId, string runId, string @event, string outline);

    [LoggerMessage(LogLevel.Debug, "{AgentId} run {RunId}: {Content}")]
    private partial void LogContent(string agentId, string runId, string content);
}
