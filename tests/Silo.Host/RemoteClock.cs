namespace Cluster.Silo.Host;

/// <summary>A clock that asks another process for every delay; the answer ends it.</summary>
/// <param name="url">Where to ask; null for the system's clock.</param>
internal sealed class RemoteClock(string? url) : TimeProvider, IDisposable
{
    private readonly HttpClient _client = new() { Timeout = Timeout.InfiniteTimeSpan };

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (url is null)
        {
            return System.CreateTimer(callback, state, dueTime, period);
        }

        var timer = new RemoteTimer();
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            _ = timer.WaitAsync(_client, new Uri($"{url}?milliseconds={(int)dueTime.TotalMilliseconds}"), () => callback(state));
        }

        return timer;
    }

    public void Dispose() => _client.Dispose();

    private sealed class RemoteTimer : ITimer
    {
        private readonly CancellationTokenSource _end = new();
        private int _isDisposed;

        public async Task WaitAsync(HttpClient client, Uri steps, Action fire)
        {
            try
            {
                using var response = await client.GetAsync(steps, _end.Token);
                response.EnsureSuccessStatusCode();
                fire();
            }
            catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
            {
                // Nobody waits any more, or the test is over: the delay does not end.
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => false;

        public void Dispose()
        {
            // A timer may be disposed of more than once, and while it waits.
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            {
                _end.Cancel();
                _end.Dispose();
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
