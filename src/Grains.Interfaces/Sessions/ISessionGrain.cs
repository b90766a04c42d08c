using System.Collections.Immutable;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Grains.Interfaces.Runs;
using Orleans.Concurrency;

namespace Cluster.Grains.Interfaces.Sessions;

/// <summary>The mailbox of one session: its runs are accepted and work one after the other. Its key is a <see cref="Keys.SessionKey"/>.</summary>
[Alias("cluster.session")]
public interface ISessionGrain : IGrainWithStringKey
{
    /// <summary>Accepts a run of this session. It is recorded when the task ends and works in the background from then on.</summary>
    /// <param name="start">Who runs, and on what.</param>
    /// <returns>The run's id: the request's, or that of the earlier run with the same idempotency key.</returns>
    /// <exception cref="EngineException">The request was refused and changed nothing.</exception>
    [Alias("start")]
    Task<StartedRun> StartAsync(RunStart start);

    /// <summary>Goes on with a run of this session, itself or in a new run. It is recorded when the task ends.</summary>
    /// <param name="continuation">The run, and how it goes on.</param>
    /// <returns>The run that goes on, and from where.</returns>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    /// <exception cref="ConflictException">The run was cancelled, is at work, or does not wait for the answers.</exception>
    /// <exception cref="InvalidRequestException">The wishes contradict each other or an answer does not fit. The run stays as it was.</exception>
    [Alias("continue")]
    Task<ContinuedRun> ContinueAsync(SessionContinuation continuation);

    /// <summary>Makes sure that the session's unfinished runs are worked on; their owners, or the session's, may have died.</summary>
    /// <param name="runIds">Runs that are known to be unfinished, in the order in which they were accepted.</param>
    /// <returns>A task that ends when the first of them works or is being taken over.</returns>
    [Alias("ensure")]
    Task EnsureAsync(ImmutableArray<string> runIds);

    /// <summary>Hears from a run that it does not work any more. Only runs call it.</summary>
    /// <param name="runId">The run.</param>
    /// <returns>A task that ends when the next run has its turn.</returns>
    [AlwaysInterleave]
    [Alias("settled")]
    Task SettledAsync(string runId);
}

/// <summary>A request to start a run.</summary>
/// <param name="Request">Who runs, and on what.</param>
/// <param name="Watch">Who wants to hear of the run from its first event on; null for nobody.</param>
[GenerateSerializer, Immutable, Alias("cluster.session.start")]
public sealed record RunStart([property: Id(0)] RunRequest Request, [property: Id(1)] RunWatch? Watch);

/// <summary>A run that was started.</summary>
/// <param name="RunId">Its id.</param>
/// <param name="IsNew">False when the idempotency key was known and this is the earlier run; then nobody watches it yet.</param>
[GenerateSerializer, Immutable, Alias("cluster.session.started")]
public sealed record StartedRun([property: Id(0)] string RunId, [property: Id(1)] bool IsNew);

/// <summary>A request to go on with a run of a session.</summary>
/// <param name="Continuation">The run, and how it goes on.</param>
/// <param name="Watch">Who wants to hear how the run itself goes on; null for nobody.</param>
/// <param name="ForkWatch">Who wants to hear of the run that goes on in its place; null for nobody.</param>
[GenerateSerializer, Immutable, Alias("cluster.session.going-on")]
public sealed record SessionContinuation([property: Id(0)] RunContinuation Continuation, [property: Id(1)] RunWatch? Watch, [property: Id(2)] RunWatch? ForkWatch = null);
