namespace Cluster.Grains.Runs;

/// <summary>
/// Knows the runs that work on this silo, and lets them stop between two steps when the silo is about to stop: no model call is paid twice and no
/// tool is left in doubt. Correctness never depends on it.
/// </summary>
public sealed class RunHandOver : IDisposable
{
    private readonly CancellationTokenSource _begun = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _working;

    /// <summary>Gets how many runs work on this silo.</summary>
    public int Working => Volatile.Read(ref _working);

    /// <summary>Gets what is cancelled when the hand-over begins.</summary>
    internal CancellationToken Begun => _begun.Token;

    /// <summary>Asks every run to stop after its current step, and waits for them.</summary>
    /// <param name="cancellationToken">Stops waiting; the runs that are left are stopped where they are.</param>
    /// <returns>A task that ends when no run works on this silo.</returns>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        await _begun.CancelAsync();
        if (Working > 0)
        {
            await _idle.Task.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _begun.Dispose();

    /// <summary>Notes that a run begins to work.</summary>
    internal void Enter() => Interlocked.Increment(ref _working);

    /// <summary>Notes that a run does not work any more.</summary>
    internal void Leave()
    {
        if (Interlocked.Decrement(ref _working) == 0 && _begun.IsCancellationRequested)
        {
            _idle.TrySetResult();
        }
    }
}
