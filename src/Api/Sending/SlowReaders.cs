using Cluster.Engine.Limits;
using Microsoft.Extensions.Options;

namespace Cluster.Api.Sending;

/// <summary>
/// The answers whose readers do not take what waits for them. A reader is dropped when it takes nothing for too long, and when all of them hold up more memory than
/// they may: the one that has taken nothing for the longest first. It can resume its stream where it left off.
/// </summary>
/// <param name="options">How long and how much.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class SlowReaders(IOptions<MemoryOptions> options, TimeProvider timeProvider, ILogger<SlowReaders> logger) : IDisposable
{
    /// <summary>What an answer holds up that waits for its reader: the server's buffer of it, and the page of events that comes next.</summary>
    private const long HeldBytes = 128 * 1024;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly LinkedList<Reader> _waiting = new();
    private readonly long _limit = options.Value.UnsentLimit;
    private ITimer? _timer;
    private bool _isTicking;
    private long _bytes;

    /// <summary>Gets how many readers do not take what waits for them.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Waits until a reader has taken enough for more to be written.</summary>
    /// <param name="http">The request of the reader.</param>
    /// <param name="taking">Ends then.</param>
    /// <param name="unsent">How many bytes wait for it.</param>
    /// <returns>A task that ends then, or when the reader was dropped.</returns>
    public async Task WaitAsync(HttpContext http, Task taking, long unsent)
    {
        var entry = Add(new Reader(http, unsent + HeldBytes, timeProvider.GetTimestamp()));
        try
        {
            await taking;
        }
        finally
        {
            Remove(entry);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private LinkedListNode<Reader> Add(Reader reader)
    {
        List<Reader> dropped = [];
        LinkedListNode<Reader> entry;
        lock (_lock)
        {
            entry = _waiting.AddLast(reader);
            for (_bytes += reader.Bytes; _bytes > _limit && _waiting.Count > 1;)
            {
                dropped.Add(TakeFirst());
            }

            if (!_isTicking)
            {
                _isTicking = true;
                _timer ??= timeProvider.CreateTimer(static readers => ((SlowReaders)readers!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _timer.Change(Period, Period);
            }
        }

        Drop(dropped, "memory");
        return entry;
    }

    private void Remove(LinkedListNode<Reader> entry)
    {
        lock (_lock)
        {
            if (entry.List is not null)
            {
                _waiting.Remove(entry);
                _bytes -= entry.Value.Bytes;
            }
        }
    }

    private void Look()
    {
        List<Reader> dropped = [];
        lock (_lock)
        {
            while (_waiting.First is { } first && timeProvider.GetElapsedTime(first.Value.Since) > options.Value.UnsentTime)
            {
                dropped.Add(TakeFirst());
            }

            if (_waiting.Count == 0)
            {
                _isTicking = false;
                _timer!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        Drop(dropped, "time");
    }

    private Reader TakeFirst()
    {
        var first = _waiting.First!;
        _waiting.RemoveFirst();
        _bytes -= first.Value.Bytes;
        return first.Value;
    }

    private void Drop(List<Reader> dropped, string limit)
    {
        foreach (var reader in dropped)
        {
            LogDropped(reader.Http.Request.Path, timeProvider.GetElapsedTime(reader.Since).TotalSeconds, limit);
            reader.Http.Abort();
        }
    }

    [LoggerMessage(LogLevel.Warning, "A reader of {Path} is dropped: it took nothing for {Seconds:0.0} s (limit of {Limit}, see Memory:UnsentBytes and Memory:UnsentTime)")]
    private partial void LogDropped(string path, double seconds, string limit);

    private sealed record Reader(HttpContext Http, long Bytes, long Since);
}
