using Cluster.Api.Sending;
using Cluster.Engine.Runs;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Cluster.Api.Runs;

/// <summary>Answers requests with the events of a run, as they happen. A reader that leaves stops nothing.</summary>
/// <param name="options">How long a stream may be idle.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class EventStreams(IOptions<AgentOsOptions> options, TimeProvider timeProvider)
{
    /// <summary>Streams the events of a run from one view.</summary>
    public async Task WriteAsync(HttpContext http, string runId, Func<CancellationToken, IAsyncEnumerable<RunEvent>> read, EventView view)
    {
        var writer = Begin(http);
        var filter = view.Of(runId);
        await PumpAsync(http, writer, read, next => filter.Shows(next) ? writer.WriteAsync(next, view.WithIndex) : ValueTask.CompletedTask);
    }

    /// <summary>Begins an answer that is a stream.</summary>
    public static EventWriter Begin(HttpContext http)
    {
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        return new EventWriter(ResponseOutput.Of(http));
    }

    /// <summary>Hands every event to a writer and sends what it wrote before waiting for the next one.</summary>
    public async Task PumpAsync(HttpContext http, EventWriter writer, Func<CancellationToken, IAsyncEnumerable<RunEvent>> read, Func<RunEvent, ValueTask> write)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        var events = read(stop.Token).GetAsyncEnumerator(stop.Token);
        Task<bool>? waiting = null;
        try
        {
            while (true)
            {
                var next = events.MoveNextAsync();
                if (!next.IsCompleted)
                {
                    waiting = next.AsTask();
                    await writer.FlushAsync();
                    await KeepAliveAsync(writer, waiting, stop.Token);
                }

                if (!await (waiting is null ? next : new ValueTask<bool>(waiting)))
                {
                    break;
                }

                waiting = null;
                await write(events.Current);
            }
        }
        finally
        {
            await EndAsync(events, waiting, stop);
        }

        await writer.FlushAsync();
    }

    private async Task KeepAliveAsync(EventWriter writer, Task waiting, CancellationToken cancellationToken)
    {
        while (!waiting.IsCompleted)
        {
            try
            {
                await waiting.WaitAsync(options.Value.Heartbeat, timeProvider, cancellationToken);
            }
            catch (TimeoutException) when (!waiting.IsCompleted)
            {
                await writer.WriteHeartbeatAsync();
                await writer.FlushAsync();
            }
        }
    }

    /// <summary>An iterator must not be disposed while it is at work.</summary>
    private static async Task EndAsync(IAsyncEnumerator<RunEvent> events, Task<bool>? waiting, CancellationTokenSource stop)
    {
        if (waiting is { IsCompleted: false })
        {
            await stop.CancelAsync();
            await waiting.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        await events.DisposeAsync();
    }
}
