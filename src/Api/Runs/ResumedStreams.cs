using System.Threading.Channels;
using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>Shows a reader what it missed of a run, and what comes.</summary>
/// <param name="host">The runs.</param>
/// <param name="streams">Streams events.</param>
/// <param name="events">The events of runs that are over.</param>
internal sealed class ResumedStreams(IRunHost host, EventStreams streams, StoredEvents events)
{
    private const int LooksAtOnce = 4;

    private readonly Channel<bool> _looks = Channel.CreateBounded<bool>(LooksAtOnce);

    public async Task WriteAsync(HttpContext http, RunLookup lookup, long after)
    {
        var run = await LookAsync(lookup, http.RequestAborted);
        if (run is { IsLive: false })
        {
            await ReplayAsync(http, run, after);
            return;
        }

        var writer = EventStreams.Begin(http);
        if (run is null)
        {
            await writer.WriteAsync(StreamNotice.NotFound(lookup.Route.RunId));
        }
        else
        {
            await FollowAsync(http, writer, lookup.Route, run.EventCount, after);
        }

        await writer.FlushAsync();
    }

    /// <summary>A record holds all that was said in its run. So few are read at a time, and nobody holds one while its reader reads.</summary>
    private async Task<FoundRun?> LookAsync(RunLookup lookup, CancellationToken cancellationToken)
    {
        await _looks.Writer.WriteAsync(true, cancellationToken);
        try
        {
            return await lookup.FindAsync(host, cancellationToken) is { } run ? new FoundRun(run.Output.RunId, run.Output.Status, run.IsLive, run.EventCount ?? 0) : null;
        }
        finally
        {
            _looks.Reader.TryRead(out _);
        }
    }

    /// <summary>One reading serves both what was missed and what comes, so nothing can fall between them.</summary>
    private async Task FollowAsync(HttpContext http, EventWriter writer, RunRoute route, long count, long after)
    {
        var missed = Math.Max(0, count - (after + 1));
        await writer.WriteAsync(missed > 0 ? StreamNotice.CatchUp(route.RunId, missed, count) : StreamNotice.Subscribed(route.RunId, route.Kind, count));
        await streams.PumpAsync(http, writer, stop => host.ReadEventsAsync(route.RunId, after, stop), async next =>
        {
            await writer.WriteAsync(next, withIndex: true);
            if (missed > 0 && next.EventIndex == count - 1)
            {
                await writer.WriteAsync(StreamNotice.Subscribed(route.RunId, route.Kind, count));
            }
        });
    }

    /// <summary>Events are read from the log that all readers share and written one by one, as fast as they are taken.</summary>
    private async Task ReplayAsync(HttpContext http, FoundRun run, long after)
    {
        using var all = await events.OpenAsync(run.RunId, http.RequestAborted);
        var (total, missed) = (0, 0);
        foreach (var next in all.Events)
        {
            total++;
            missed += next.EventIndex > after ? 1 : 0;
        }

        var writer = EventStreams.Begin(http);
        await writer.WriteAsync(StreamNotice.Replay(run.RunId, run.Status.ToString().ToUpperInvariant(), missed, total, after));
        foreach (var next in all.After(after))
        {
            await writer.WriteAsync(next, withIndex: true);
        }

        await writer.FlushAsync();
    }

    /// <summary>What a stream needs to know of its run.</summary>
    private sealed record FoundRun(string RunId, RunStatus Status, bool IsLive, long EventCount);
}
