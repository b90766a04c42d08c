using System.Diagnostics;
using Orleans.Streams;

namespace Cluster.ClusterBenchmarks;

/// <summary>Notes when events arrive in the client.</summary>
internal sealed class EventReader : IAsyncBatchObserver<SentEvent>, IEventObserver
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private readonly List<double> _latencies = [];
    private long _clearedAt;
    private long _lastAt;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _latencies.Count;
            }
        }
    }

    /// <summary>Gets the time from the start to the last arrival.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            lock (_gate)
            {
                return Stopwatch.GetElapsedTime(_clearedAt, _lastAt);
            }
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _latencies.Clear();
            _clearedAt = _lastAt = Stopwatch.GetTimestamp();
        }
    }

    public double[] Latencies()
    {
        lock (_gate)
        {
            return [.. _latencies.Order()];
        }
    }

    /// <summary>Waits until so many have arrived, or none has for a while: carriers may drop events.</summary>
    public async Task WaitAsync(int count, CancellationToken cancellationToken)
    {
        while (Count < count && !IsQuiet())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    public Task OnNextAsync(IList<SequentialItem<SentEvent>> items)
    {
        foreach (var item in items)
        {
            Note(item.Item);
        }

        return Task.CompletedTask;
    }

    public Task OnNextAsync(SentEvent next)
    {
        Note(next);
        return Task.CompletedTask;
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    private void Note(SentEvent next)
    {
        lock (_gate)
        {
            _lastAt = Stopwatch.GetTimestamp();
            _latencies.Add(Stopwatch.GetElapsedTime(next.SentAt, _lastAt).TotalMilliseconds);
        }
    }

    private bool IsQuiet()
    {
        lock (_gate)
        {
            return Stopwatch.GetElapsedTime(_lastAt) > Patience;
        }
    }
}
