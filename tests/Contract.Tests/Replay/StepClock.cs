using System.Threading.Channels;

namespace Cluster.Contract.Tests.Replay;

/// <summary>A clock whose delays end one by one, when the test says so. A slow model that waits by it speaks its next word on demand.</summary>
internal sealed class StepClock : TimeProvider
{
    private readonly Channel<StepTimer> _waiting = Channel.CreateUnbounded<StepTimer>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new StepTimer(dueTime, () => callback(state));
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            _waiting.Writer.TryWrite(timer);
        }

        return timer;
    }

    /// <summary>Ends delays, waiting for each of them to begin.</summary>
    public async Task StepAsync(int count, CancellationToken cancellationToken)
    {
        for (var ended = 0; ended < count;)
        {
            var timer = await _waiting.Reader.ReadAsync(cancellationToken);
            ended += timer.Fire() ? 1 : 0;
        }
    }

    /// <summary>Waits until so many delays have begun, and ends the shortest of them; the others go on.</summary>
    public async Task EndShortestAsync(int count, CancellationToken cancellationToken)
    {
        var begun = new List<StepTimer>();
        while (begun.Count < count)
        {
            begun.Add(await _waiting.Reader.ReadAsync(cancellationToken));
        }

        foreach (var timer in begun.OrderBy(timer => timer.DueTime).Skip(1))
        {
            _waiting.Writer.TryWrite(timer);
        }

        begun.MinBy(timer => timer.DueTime)!.Fire();
    }

    private sealed class StepTimer(TimeSpan dueTime, Action fire) : ITimer
    {
        private int _isOver;

        public TimeSpan DueTime => dueTime;

        public bool Fire()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 1)
            {
                return false;
            }

            fire();
            return true;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => false;

        public void Dispose() => Interlocked.Exchange(ref _isOver, 1);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
