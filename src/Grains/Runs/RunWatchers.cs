using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Limits;
using Cluster.Engine.Runs;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Runs;
using Microsoft.Extensions.Logging;

namespace Cluster.Grains.Runs;

/// <summary>
/// Sends the news of one run to those who watch it. What piles up while a message is under way goes with the next one. A message that is lost costs
/// nothing: watchers notice the gap and ask.
/// </summary>
/// <param name="lines">The ways to watchers.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class RunWatchers(NewsLines lines, TimeProvider timeProvider, ILogger logger)
{
    private const int MaxEventsPerMessage = 256;

    /// <summary>How large a message is at most; one event that is larger passes alone.</summary>
    private const long MaxBytesPerMessage = 128 * 1024;

    private readonly Dictionary<string, Watcher> _watchers = new(StringComparer.Ordinal);
    private RunOwner? _owner;

    /// <summary>Gives a page of what an owner's run has by now.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="afterIndex">The last index that the reader has.</param>
    /// <param name="limit">How many events at most.</param>
    /// <returns>The news.</returns>
    public static RunNews PageOf(RunOwner owner, long afterIndex, int limit) =>
        NewsOf(owner, owner.Feed.Page(afterIndex + 1, Math.Min(limit, MaxEventsPerMessage), MaxBytesPerMessage));

    /// <summary>Gives the newest of what an owner's run has by now. Who wants what came before reads pages.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="afterIndex">The last index that the reader has; <see cref="long.MaxValue"/> for no events.</param>
    /// <returns>The news.</returns>
    public static RunNews NewestOf(RunOwner owner, long afterIndex) =>
        NewsOf(owner, afterIndex == long.MaxValue ? default : owner.Feed.Newest(afterIndex + 1, MaxEventsPerMessage, MaxBytesPerMessage));

    /// <summary>Gives the watch for what comes after news that were given to the same watcher.</summary>
    public static RunWatch Following(RunNews news, RunWatch watch) =>
        watch.WithEvents && news.Events.Events is [.., { EventIndex: { } last }] ? watch with { AfterIndex = last } : watch;

    /// <summary>Gives the news of a run that is being taken over.</summary>
    public static RunNews NothingYet(RunKey run) => new() { RunId = run.RunId, Tenant = RunNews.NameOf(run.Tenant), Generation = 0, Events = RunEventBatch.Empty };

    /// <summary>Adds a watcher, if there is one, or notes that it still watches.</summary>
    public void Hear(RunWatch? watch)
    {
        if (watch is not null)
        {
            Set(watch);
        }
    }

    private void Set(RunWatch watch)
    {
        if (_watchers.TryGetValue(watch.Watcher, out var watcher))
        {
            watcher.RenewedAt = timeProvider.GetTimestamp();
            if ((watcher.Watch.WithEvents || !watch.WithEvents) && (watcher.Watch.WithOutcome || !watch.WithOutcome))
            {
                return;
            }

            Remove(watch.Watcher);
        }

        _watchers[watch.Watcher] = watcher = new Watcher(watch, timeProvider.GetTimestamp());
        if (_owner is { } owner)
        {
            watcher.Sending = SendAsync(watcher, owner);
        }
    }

    /// <summary>Stops sending to a watcher.</summary>
    public void Remove(string watcher)
    {
        if (_watchers.Remove(watcher, out var removed))
        {
            removed.IsGone = true;
        }
    }

    /// <summary>Begins to send the news that an owner makes.</summary>
    public void Follow(RunOwner owner)
    {
        _owner = owner;
        foreach (var watcher in _watchers.Values)
        {
            watcher.Sending = SendAsync(watcher, owner);
        }
    }

    /// <summary>Waits until the last news of an owner that does not work any more are on their way, and forgets the watchers.</summary>
    public async Task EndAsync()
    {
        await Task.WhenAll(_watchers.Values.Select(watcher => watcher.Sending));
        _watchers.Clear();
        _owner = null;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A stream that fails must not fail the run; watchers ask when they hear nothing.")]
    private async Task SendAsync(Watcher watcher, RunOwner owner)
    {
        try
        {
            var line = lines.To(watcher.Watch.Watcher);
            if (watcher.Watch.WithEvents)
            {
                await SendEventsAsync(watcher, owner, line);
            }
            else
            {
                await owner.Feed.WaitAsync();
                await SendEndAsync(watcher, owner, line);
            }
        }
        catch (Exception failure)
        {
            LogNotSent(failure, owner.State.Output.RunId, watcher.Watch.Watcher);
            _watchers.Remove(watcher.Watch.Watcher);
        }
    }

    private async Task SendEventsAsync(Watcher watcher, RunOwner owner, Func<RunNews, Task> line)
    {
        var next = watcher.Watch.AfterIndex + 1;
        while (await owner.Feed.TakeAsync(next) is { IsEmpty: false } events && IsWanted(watcher))
        {
            events = EventSizes.First(events[..Math.Min(events.Length, MaxEventsPerMessage)], MaxBytesPerMessage);
            next += events.Length;

            // The state is settled a moment before its last event is in the feed.
            var state = owner.State;
            var isEnd = state.IsSettled && next == state.NextEventIndex;
            await line(new RunNews
            {
                RunId = state.Output.RunId,
                Tenant = RunNews.NameOf(state.Request!.Tenant),
                Generation = state.Generation,
                Events = new RunEventBatch([.. events.Span]),
                IsEnd = isEnd,
                Outcome = isEnd ? OutcomeFor(watcher, owner) : null,
            });
            if (isEnd)
            {
                return;
            }
        }

        await SendEndAsync(watcher, owner, line);
    }

    private async Task SendEndAsync(Watcher watcher, RunOwner owner, Func<RunNews, Task> line)
    {
        if (owner.State.IsSettled && IsWanted(watcher))
        {
            await line(new RunNews
            {
                RunId = owner.State.Output.RunId,
                Tenant = RunNews.NameOf(owner.State.Request!.Tenant),
                Generation = owner.State.Generation,
                Events = RunEventBatch.Empty,
                IsEnd = true,
                Outcome = OutcomeFor(watcher, owner),
            });
        }
    }

    private static RunNews NewsOf(RunOwner owner, ReadOnlyMemory<RunEvent> events) => new()
    {
        RunId = owner.State.Output.RunId,
        Tenant = RunNews.NameOf(owner.State.Request!.Tenant),
        Generation = owner.State.Generation,
        Events = events.IsEmpty ? RunEventBatch.Empty : new RunEventBatch([.. events.Span]),
    };

    /// <summary>A client is told all of it. A leader is told what it would find on record, without the conversation, which may be long and is the member's own.</summary>
    private static RunOutput? OutcomeFor(Watcher watcher, RunOwner owner) => !watcher.Watch.WithOutcome ? null
        : NewsLines.IsLeader(watcher.Watch.Watcher) ? owner.State.Recorded with { Messages = null, ReasoningMessages = null, Tools = null, Input = null }
        : owner.State.Output;

    private bool IsWanted(Watcher watcher)
    {
        if (!watcher.IsGone && timeProvider.GetElapsedTime(watcher.RenewedAt) > RunWatch.Lapse)
        {
            Remove(watcher.Watch.Watcher);
        }

        return !watcher.IsGone;
    }

    [LoggerMessage(LogLevel.Warning, "News of run {RunId} could not be sent to {Watcher}")]
    private partial void LogNotSent(Exception failure, string runId, string watcher);

    private sealed class Watcher(RunWatch watch, long renewedAt)
    {
        public RunWatch Watch => watch;

        public long RenewedAt { get; set; } = renewedAt;

        public bool IsGone { get; set; }

        public Task Sending { get; set; } = Task.CompletedTask;
    }
}
