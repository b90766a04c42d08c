using Cluster.Engine.Runs;

namespace Cluster.Engine.Agents;

/// <summary>What the calls of a turn tell, in the order in which it is told, for one reader. A channel would do the same with a kilobyte for each turn.</summary>
internal sealed class ToolNews
{
    private readonly Lock _lock = new();
    private readonly Queue<(RunEvent? Told, Task<InvokedTool>? Call)> _news = new();
    private TaskCompletionSource? _waiting;

    /// <summary>Takes in what a tool tells while it works.</summary>
    public void Tell(RunEvent told) => Add((told, null));

    /// <summary>Takes in that a call ended.</summary>
    public void End(Task<InvokedTool> call) => Add((null, call));

    /// <summary>Gives what is told next. What was told before the run was stopped comes first: a member that has begun has to be known to be stopped and counted.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="OperationCanceledException">The run was stopped, and everything that was told has been given.</exception>
    public async ValueTask<(RunEvent? Told, Task<InvokedTool>? Call)> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_news.TryDequeue(out var next))
                {
                    return next;
                }

                cancellationToken.ThrowIfCancellationRequested();

                // Whoever tells something is the tool's own code: the run does not go on inside of it.
                changed = (_waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Add((RunEvent? Told, Task<InvokedTool>? Call) next)
    {
        TaskCompletionSource? waiting;
        lock (_lock)
        {
            _news.Enqueue(next);
            (waiting, _waiting) = (_waiting, null);
        }

        waiting?.SetResult();
    }
}
