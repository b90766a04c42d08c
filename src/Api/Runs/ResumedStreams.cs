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
            await FollowAsync(http, writer, lookup.Route, run.EventCount ?? 0, after);
        }

        await writer.FlushAsync();
    }

    /// <summary>Of a team's member a store may have to read the record, which holds all that was said in its run. So few are looked up at a time.</summary>
    private async Task<RunSummary?> LookAsync(RunLookup lookup, CancellationToken cancellationToken)
    {
        await _looks.Writer.WriteAsync(true, cancellationToken);
        try
        {
            return await lookup.FindSummaryAsync(host, cancellationToken);
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
    private async Task ReplayAsync(HttpContext http, RunSummary run, long after)
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
}
