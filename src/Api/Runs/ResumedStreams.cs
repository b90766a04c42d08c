using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>Shows a reader what it missed of a run, and what comes.</summary>
/// <param name="host">The runs.</param>
/// <param name="streams">Streams events.</param>
/// <param name="events">The events of runs that are over.</param>
internal sealed class ResumedStreams(IRunHost host, EventStreams streams, StoredEvents events)
{
    public async Task WriteAsync(HttpContext http, RunLookup lookup, long after)
    {
        var run = await lookup.FindAsync(host, http.RequestAborted);
        using var writer = EventStreams.Begin(http);
        if (run is null)
        {
            writer.Write(StreamNotice.NotFound(lookup.Route.RunId));
        }
        else if (run.IsLive)
        {
            await FollowAsync(http, writer, lookup.Route, run.EventCount ?? 0, after);
        }
        else
        {
            await ReplayAsync(http, writer, run.Output, after);
        }

        await writer.FlushAsync(http.RequestAborted);
    }

    /// <summary>One reading serves both what was missed and what comes, so nothing can fall between them.</summary>
    private Task FollowAsync(HttpContext http, EventWriter writer, RunRoute route, long count, long after)
    {
        var missed = Math.Max(0, count - (after + 1));
        writer.Write(missed > 0 ? StreamNotice.CatchUp(route.RunId, missed, count) : StreamNotice.Subscribed(route.RunId, route.Kind, count));
        return streams.PumpAsync(http, writer, stop => host.ReadEventsAsync(route.RunId, after, stop), next =>
        {
            writer.Write(next, withIndex: true);
            if (missed > 0 && next.EventIndex == count - 1)
            {
                writer.Write(StreamNotice.Subscribed(route.RunId, route.Kind, count));
            }
        });
    }

    private async Task ReplayAsync(HttpContext http, EventWriter writer, RunOutput run, long after)
    {
        var all = await events.ReadAsync(run.RunId, http.RequestAborted);
        var missed = all.Where(next => next.EventIndex > after).ToArray();
        writer.Write(StreamNotice.Replay(run.RunId, run.Status.ToString().ToUpperInvariant(), missed.Length, all.Count, after));
        foreach (var next in missed)
        {
            writer.Write(next, withIndex: true);
        }
    }
}
