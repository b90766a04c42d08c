namespace Cluster.Benchmarks;

/// <summary>Counts calls of models that never answer: when all have begun, and when all were let go.</summary>
internal sealed class CallsUnderWay
{
    private Count _begun = new(0);
    private Count _stopped = new(0);

    /// <summary>Counts from now on.</summary>
    /// <param name="calls">How many calls.</param>
    /// <returns>What ends when all have begun, and when all have stopped.</returns>
    public (Task Begun, Task Stopped) Expect(int calls)
    {
        (_begun, _stopped) = (new Count(calls), new Count(calls));
        return (_begun.Ended, _stopped.Ended);
    }

    /// <summary>Is one of the calls.</summary>
    /// <param name="cancellationToken">Lets it go.</param>
    /// <returns>A task that ends only so.</returns>
    public async Task HangAsync(CancellationToken cancellationToken)
    {
        var stopped = _stopped;
        _begun.Signal();
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            stopped.Signal();
        }
    }

    private sealed class Count(int left)
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = left;

        public Task Ended => _ended.Task;

        public void Signal()
        {
            if (Interlocked.Decrement(ref _left) == 0)
            {
                _ended.SetResult();
            }
        }
    }
}
