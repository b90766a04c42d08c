using System.Collections.Immutable;
using Cluster.Grains.Interfaces.Streams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace Cluster.Grains.Streams;

/// <summary>Holds the messages of one queue until somebody takes them. It is placed beside whoever asks first, which is the silo that delivers.</summary>
[GrainType("stream-queue"), PreferLocalPlacement]
internal sealed partial class StreamQueueGrain(
    IOptions<RunStreamOptions> options, TimeProvider time, IHostApplicationLifetime host, ILogger<StreamQueueGrain> logger) : Grain, IStreamQueueGrain
{
    private readonly StreamBacklog _backlog = new(options.Value.QueueCapacity, options.Value.QueueBytes);
    private TaskCompletionSource? _waiting;
    private long _reported;

    public Task EnqueueAsync(ImmutableArray<StreamMessage> messages)
    {
        foreach (var message in messages)
        {
            _backlog.Add(message);
        }

        _waiting?.TrySetResult();
        return Task.CompletedTask;
    }

    public async Task<ImmutableArray<StreamMessage>> DequeueAsync(int max, TimeSpan wait, CancellationToken cancellationToken)
    {
        // A queue that moved has a new reader, while the old one may still wait and would throw away what it gets: only the newest is served.
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting?.TrySetResult();
        _waiting = waiting;
        if (_backlog.IsEmpty && wait > TimeSpan.Zero)
        {
            await WaitAsync(waiting.Task, wait, cancellationToken);
        }

        if (_waiting != waiting)
        {
            return [];
        }

        var dropped = _backlog.Dropped - _reported;
        if (dropped > 0)
        {
            LogDropped(dropped, this.GetPrimaryKeyString());
            _reported = _backlog.Dropped;
        }

        return _backlog.Take(max);
    }

    private async Task WaitAsync(Task arrival, TimeSpan wait, CancellationToken cancellationToken)
    {
        // A silo waits for calls like this one before it stops.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, host.ApplicationStopping);
        await arrival.WaitAsync(wait, time, end.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    [LoggerMessage(LogLevel.Warning, "{Count} stream messages were dropped because queue {Queue} was full: readers fetch these events from the log")]
    private partial void LogDropped(long count, string queue);
}
