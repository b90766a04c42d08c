using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Sessions;
using Cluster.Engine.Telemetry;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Agents;

/// <summary>One tool call, from the arguments to the outcome.</summary>
/// <param name="timeProvider">The clock.</param>
/// <param name="capturesContent">True to put arguments and results into traces.</param>
internal sealed class ToolInvocation(TimeProvider timeProvider, bool capturesContent)
{
    /// <summary>Calls a tool, off the caller's path.</summary>
    /// <param name="run">The run that calls.</param>
    /// <param name="call">The call.</param>
    /// <param name="state">The session state, shared by the calls of a turn.</param>
    /// <param name="cancellationToken">Stops the tool, if it listens.</param>
    /// <returns>The call with its outcome; a failure is one.</returns>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a tool throws is told to the model, which can react.")]
    public async Task<ToolExecution> CallAsync(AgentRun run, ToolDecision call, SessionState state, CancellationToken cancellationToken)
    {
        await Task.Yield();
        using var activity = ToolCallActivity.Start(run, call.Execution, capturesContent);
        var startTime = run.Stamp.UnixTime;
        var timestamp = timeProvider.GetTimestamp();
        var context = run.NewContext(state) with { ToolCallId = call.Execution.ToolCallId };
        string result;
        var failed = false;
        try
        {
            result = await call.Tool!.InvokeAsync(call.Execution.ToolArgs!.Value, context, cancellationToken).WaitAsync(cancellationToken);
            ToolCallActivity.Answer(activity, result, capturesContent);
        }
        catch (Exception error)
        {
            ToolCallActivity.Fail(activity, cancellationToken.IsCancellationRequested ? TelemetryNames.Cancelled : error.GetType().FullName);

            // A tool that is stopped breaks as it likes; that is not its outcome.
            cancellationToken.ThrowIfCancellationRequested();
            (result, failed) = (error.Message, true);
        }

        var duration = timeProvider.GetElapsedTime(timestamp).TotalSeconds;
        return call.Execution with
        {
            Result = result,
            ToolCallError = failed,
            Metrics = new ToolCallMetrics(startTime, startTime + duration, duration),
        };
    }
}
