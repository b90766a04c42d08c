using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Grains.Interfaces.Keys;
using Orleans.Concurrency;

namespace Cluster.Grains.Interfaces.Runs;

/// <summary>
/// The owner of one run; its key is a <see cref="Keys.RunKey"/>. The run works in the background, so every call is short and interleaves with it.
/// Its session starts it and gives it its turn: clients start runs through <see cref="Sessions.ISessionGrain"/>.
/// </summary>
[Alias("cluster.run")]
public interface IRunGrain : IGrainWithStringKey
{
    /// <summary>Owns a run that was accepted just now.</summary>
    /// <param name="run">The run.</param>
    /// <param name="watch">Who wants to hear of it; null for nobody.</param>
    /// <param name="hasTurn">True when the run may work at once.</param>
    /// <returns>A task that ends when the run is owned.</returns>
    [AlwaysInterleave]
    [Alias("begin")]
    Task BeginAsync(FreshRun run, RunWatch? watch, bool hasTurn);

    /// <summary>Gives the run its turn. It is taken over first when its owner died. A run that is over tells its session so again.</summary>
    /// <returns>A task that ends when the run works in the background.</returns>
    [AlwaysInterleave]
    [Alias("turn")]
    Task TurnAsync();

    /// <summary>Records how the run goes on, unless a new run does in its place. The session gives the run its turn again, or starts the new one.</summary>
    /// <param name="continuation">How it is to go on.</param>
    /// <param name="watch">Who wants to hear how the run goes on; null for nobody.</param>
    /// <returns>From where it goes on, or the new run to start.</returns>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    /// <exception cref="ConflictException">The run was cancelled, is at work, or does not wait for the answers.</exception>
    /// <exception cref="InvalidRequestException">The wishes contradict each other or an answer does not fit. The run stays as it was.</exception>
    [AlwaysInterleave]
    [Alias("continue")]
    Task<RunGoneOn> ContinueAsync(RunContinuation continuation, RunWatch? watch);

    /// <summary>Asks the run to stop. The wish is recorded when the task ends. Runs that are unknown, paused or finished are left as they are.</summary>
    /// <returns>A task that ends when the wish is recorded.</returns>
    [AlwaysInterleave]
    [Alias("cancel")]
    Task CancelAsync();

    /// <summary>Tells where a run that is being worked on stands.</summary>
    /// <returns>The run; null when nobody works on it here, and then its record tells.</returns>
    [AlwaysInterleave]
    [ResponseTimeout(CallTimeouts.Question)]
    [Alias("find")]
    Task<LiveRun?> FindAsync();

    /// <summary>Tells whose a run is that is being worked on, and how far it is, without what was said in it.</summary>
    /// <returns>The run; null when nobody works on it here, and then the store tells.</returns>
    [AlwaysInterleave]
    [ResponseTimeout(CallTimeouts.Question)]
    [Alias("find-summary")]
    Task<RunSummary?> FindSummaryAsync();

    /// <summary>Reads public events that the run has by now.</summary>
    /// <param name="afterIndex">The last index that the reader has; -1 for none.</param>
    /// <param name="limit">How many events at most.</param>
    /// <returns>The events; null when nobody works on the run here, and then its log tells.</returns>
    [AlwaysInterleave]
    [ResponseTimeout(CallTimeouts.Question)]
    [Alias("read")]
    Task<RunNews?> ReadAsync(long afterIndex, int limit);

    /// <summary>Sends the run's news to a watcher from now on, or for longer. A run whose owner died is taken up again by this.</summary>
    /// <param name="watch">Who wants to hear what. It has to be said again at least every <see cref="RunWatch.Lapse"/>.</param>
    /// <returns>What happened until now; null when the run is paused or over and its log tells everything.</returns>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    [AlwaysInterleave]
    [ResponseTimeout(CallTimeouts.Question)]
    [Alias("watch")]
    Task<RunNews?> WatchAsync(RunWatch watch);

    /// <summary>
    /// Hears from a run that this one watches, because it leads it: the news find the leader wherever it is now. News that are lost cost nothing, as those on
    /// streams: whoever follows the run asks again.
    /// </summary>
    /// <param name="news">What happened in the other run.</param>
    /// <returns>A task that ends when the message is on its way.</returns>
    [AlwaysInterleave]
    [OneWay]
    [Alias("hear")]
    Task HearAsync(RunNews news);

    /// <summary>Stops sending news.</summary>
    /// <param name="watcher">Who does not want to hear any more.</param>
    /// <returns>A task that ends when the message is on its way.</returns>
    [AlwaysInterleave]
    [OneWay]
    [Alias("unwatch")]
    Task UnwatchAsync(string watcher);
}

/// <summary>A run that was accepted just now.</summary>
/// <param name="Accepted">Its first event.</param>
/// <param name="Sequence">Its place among all runs of the store.</param>
/// <param name="OpensSession">True when its session was created with it and holds nothing else.</param>
[GenerateSerializer, Immutable, Alias("cluster.run.fresh")]
public sealed record FreshRun([property: Id(0)] RunAccepted Accepted, [property: Id(1)] long Sequence, [property: Id(2)] bool OpensSession);

/// <summary>How a run goes on.</summary>
/// <param name="LastIndex">The index of the last event before it goes on; -1 when a new run does.</param>
/// <param name="Fork">The new run to start in its place; null when it goes on itself.</param>
/// <param name="IsBeside">True when the run has its turn already, because it works beside its session's mailbox: a team member's does.</param>
[GenerateSerializer, Immutable, Alias("cluster.run.gone-on")]
public sealed record RunGoneOn([property: Id(0)] long LastIndex, [property: Id(1)] RunRequest? Fork, [property: Id(2)] bool IsBeside = false);

/// <summary>Who wants to hear of a run.</summary>
/// <param name="Watcher">The key of the watcher's stream, see <see cref="WatcherStreams"/>, or the <see cref="Keys.RunKey"/> of a run that leads this one.</param>
/// <param name="AfterIndex">The last event index that the watcher has; -1 for none. <see cref="long.MaxValue"/> asks for no events.</param>
/// <param name="WithOutcome">True to hear at the end what the run amounts to.</param>
[GenerateSerializer, Immutable, Alias("cluster.run.watch")]
public sealed record RunWatch([property: Id(0)] string Watcher, [property: Id(1)] long AfterIndex, [property: Id(2)] bool WithOutcome)
{
    /// <summary>Gets after which time a watch that was not said again ends.</summary>
    public static TimeSpan Lapse { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets a value indicating whether events are wanted.</summary>
    public bool WithEvents => AfterIndex != long.MaxValue;
}

/// <summary>Where a run that is being worked on stands.</summary>
/// <param name="Output">What it amounts to so far.</param>
/// <param name="EventCount">How many public events it has so far, deltas included.</param>
/// <param name="Streamed">True when the caller asked for the events.</param>
[GenerateSerializer, Immutable, Alias("cluster.run.live")]
public sealed record LiveRun([property: Id(0)] RunOutput Output, [property: Id(1)] long EventCount, [property: Id(2)] bool Streamed);

/// <summary>What happened in a run since the last news.</summary>
[GenerateSerializer, Immutable, Alias("cluster.run.news")]
public sealed record RunNews
{
    /// <summary>Gets the run's id.</summary>
    [Id(0)]
    public required string RunId { get; init; }

    /// <summary>Gets the generation of the run's owner. News of an earlier one than the latest heard of are stale.</summary>
    [Id(1)]
    public required long Generation { get; init; }

    /// <summary>Gets the public events, without gaps; empty when only the outcome was asked for.</summary>
    [Id(2)]
    public required RunEventBatch Events { get; init; }

    /// <summary>Gets a value indicating whether no more news come: the run is over, or waits for a human.</summary>
    [Id(3)]
    public bool IsEnd { get; init; }

    /// <summary>Gets what the run amounts to, the history that the model was shown included; null before the end, and where it was not asked for.</summary>
    [Id(4)]
    public RunOutput? Outcome { get; init; }

    /// <summary>Gets the tenant whose run it is; null for the default one, which silos of the version before do not name.</summary>
    [Id(5)]
    public string? Tenant { get; init; }

    /// <summary>Gets which run it is.</summary>
    internal RunKey Key => new(Tenant is null ? TenantId.Default : TenantId.Parse(Tenant), RunId);

    /// <summary>Gives a tenant as news name it.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <returns>Its name; null for the default one.</returns>
    internal static string? NameOf(TenantId tenant) => tenant == TenantId.Default ? null : tenant.Value;
}
