namespace Cluster.Engine.Runs;

/// <summary>
/// Decides what happens next in a run. There is one loop per kind of run, and none of them owns state: the host keeps the events and may go on
/// in another process. Streaming, waiting, running in the background and continuing are the same loop, read in different ways.
/// </summary>
public interface IRunLoop
{
    /// <summary>Takes one step: a model call, or the tool calls that the last one asked for.</summary>
    /// <param name="state">The run so far.</param>
    /// <param name="cancellationToken">Stops the step; events that were already yielded stand.</param>
    /// <returns>
    /// The events of this step, in order. The host records a committed event before it asks for the next one, so whatever the loop does
    /// after such an event is known to be on record.
    /// </returns>
    /// <exception cref="OperationCanceledException">The step was stopped. Failures of models and tools are events.</exception>
    IAsyncEnumerable<RunEvent> StepAsync(RunState state, CancellationToken cancellationToken = default);
}
