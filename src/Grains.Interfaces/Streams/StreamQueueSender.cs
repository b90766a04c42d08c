using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Cluster.Grains.Interfaces.Streams;

/// <summary>
/// Brings the messages of this process to one queue. One call is under way at a time and takes all that waits, so messages stay in order and a busy process makes few calls.
/// Producers do not wait for it: a queue that is slow or gone costs messages, never time.
/// </summary>
internal sealed partial class StreamQueueSender(IStreamQueueGrain queue, RunStreamOptions options, TimeProvider time, ILogger<StreamQueueSender> logger) : IThreadPoolWorkItem
{
    private const int MessagesPerCall = 1_024;

    /// <summary>A queue whose silo is replaced loses one message after the other; a line in so much time says how many.</summary>
    private static readonly TimeSpan ReportPeriod = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly StreamBacklog _backlog = new(options.QueueCapacity, options.QueueBytes);
    private bool _isSending;
    private long _reported;
    private int _lost;
    private long? _saidAt;

    public void Send(StreamMessage message)
    {
        lock (_gate)
        {
            _backlog.Add(message);
            if (_isSending)
            {
                return;
            }

            _isSending = true;
        }

        // Neither the producer's grain nor its request context may own what is sent for all.
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    void IThreadPoolWorkItem.Execute() => _ = SendAllAsync();

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever failed, these messages may be lost and the next ones have to be tried.")]
    private async Task SendAllAsync()
    {
        for (var messages = Take(); !messages.IsEmpty; messages = Take())
        {
            try
            {
                await queue.EnqueueAsync(messages);
            }
            catch (Exception exception)
            {
                ReportLost(messages.Length, exception.Message);
            }
        }
    }

    private void ReportLost(int count, string reason)
    {
        _lost += count;
        if (_saidAt is not { } said || time.GetElapsedTime(said) > ReportPeriod)
        {
            LogLost(_lost, queue.GetPrimaryKeyString(), reason);
            (_lost, _saidAt) = (0, time.GetTimestamp());
        }
    }

    private ImmutableArray<StreamMessage> Take()
    {
        long dropped;
        ImmutableArray<StreamMessage> messages;
        lock (_gate)
        {
            messages = _backlog.Take(MessagesPerCall);
            _isSending = !messages.IsEmpty;
            dropped = _backlog.Dropped - _reported;
            _reported = _backlog.Dropped;
        }

        if (dropped > 0)
        {
            LogDropped(dropped, queue.GetPrimaryKeyString());
        }

        return messages;
    }

    [LoggerMessage(LogLevel.Warning, "{Count} stream messages did not reach queue {Queue} ({Reason}): readers fetch these events from the log")]
    private partial void LogLost(int count, string queue, string reason);

    [LoggerMessage(LogLevel.Warning, "{Count} stream messages for queue {Queue} were dropped because it is slower than this process produces, or they are too large")]
    private partial void LogDropped(long count, string queue);
}
