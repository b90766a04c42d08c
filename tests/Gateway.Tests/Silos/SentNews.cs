using System.Collections.Immutable;
using System.Threading.Channels;
using Cluster.Grains.Interfaces.Runs;
using Cluster.Grains.Interfaces.Streams;

namespace Cluster.Gateway.Tests.Silos;

/// <summary>Sees which messages silos send to watchers, and who does not want any more.</summary>
internal sealed class SentNews : IIncomingGrainCallFilter
{
    private readonly Channel<StreamId> _sent = Channel.CreateUnbounded<StreamId>();
    private readonly Channel<string> _unwatched = Channel.CreateUnbounded<string>();

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context is { ImplementationMethod.Name: nameof(IRunGrain.UnwatchAsync), Grain: IRunGrain })
        {
            await context.Invoke();
            Assert.True(_unwatched.Writer.TryWrite((string)context.Request.GetArgument(0)!));
            return;
        }

        if (context is { ImplementationMethod.Name: nameof(IStreamQueueGrain.EnqueueAsync), Grain: IStreamQueueGrain })
        {
            foreach (var message in (ImmutableArray<StreamMessage>)context.Request.GetArgument(0)!)
            {
                Assert.True(_sent.Writer.TryWrite(message.Stream));
            }
        }

        await context.Invoke();
    }

    /// <summary>Waits until a watcher was removed, and names it.</summary>
    public async Task<string> UnwatchedAsync(CancellationToken cancellationToken) => await _unwatched.Reader.ReadAsync(cancellationToken);

    /// <summary>Waits for the next message to a watcher.</summary>
    public async Task SentAsync(string watcher, CancellationToken cancellationToken)
    {
        while (await _sent.Reader.ReadAsync(cancellationToken) != WatcherStreams.IdOf(watcher))
        {
        }
    }

    /// <summary>Counts the messages to a watcher that nobody has waited for.</summary>
    public int Count(string watcher)
    {
        var count = 0;
        while (_sent.Reader.TryRead(out var stream))
        {
            count += stream == WatcherStreams.IdOf(watcher) ? 1 : 0;
        }

        return count;
    }
}
