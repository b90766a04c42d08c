using System.Collections.Immutable;
using Cluster.Engine.Approvals;
using Cluster.Engine.Errors;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;

namespace Cluster.Engine.Runs;

/// <summary>Reads the events of a tenant's runs. The run of another tenant is one that does not exist.</summary>
public interface IRunLogReader
{
    /// <summary>Reads a run's log.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Generation and events; null when there is no such run.</returns>
    Task<RunLogRecord?> ReadAsync(string runId, CancellationToken cancellationToken = default);

    /// <summary>Reads the logs of several runs in one question. All of them are in memory at once: whoever has many asks for some at a time.</summary>
    /// <param name="runIds">The runs' ids.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The logs by run id. Runs that do not exist are left out.</returns>
    Task<ImmutableDictionary<string, RunLogRecord>> ReadAsync(ImmutableArray<string> runIds, CancellationToken cancellationToken = default);
}

/// <summary>
/// Keeps the events of a tenant's runs. A log only grows at its end, and only its owner may append: an append names the owner's generation and the position
/// that it expects, and is refused when another owner has taken over or the position is taken.
/// </summary>
public interface IRunLog : IRunLogReader
{
    /// <summary>
    /// Records a run: its first event at position 0 under generation 1, its record, and its session when that is new. All of it or nothing. A run that another
    /// run started leaves the session as it is, which has to be there.
    /// </summary>
    /// <param name="acceptance">The run.</param>
    /// <param name="cancellationToken">Stops waiting; the run may have been recorded.</param>
    /// <returns>The run's id and place in its session; those of the earlier run when the idempotency key is known, and then nothing changes.</returns>
    /// <exception cref="NotFoundException">Another run started this one, and the session is gone.</exception>
    /// <exception cref="ConflictException">The session belongs to another component or the run's id is taken.</exception>
    /// <exception cref="ForbiddenException">The session belongs to another user.</exception>
    Task<AcceptedRun> AcceptAsync(RunAcceptance acceptance, CancellationToken cancellationToken = default);

    /// <summary>Appends events and, with them, replaces the run's record and changes its session. All of it or nothing, durable when the task ends.</summary>
    /// <param name="append">What to append.</param>
    /// <param name="cancellationToken">Stops waiting; the append may have happened.</param>
    /// <returns>A task that ends when everything is durable.</returns>
    /// <exception cref="FencedException">Another owner has taken over (a higher generation) or the position is not the log's end.</exception>
    /// <exception cref="NotFoundException">The run does not exist; its session may have been deleted.</exception>
    Task AppendAsync(RunAppend append, CancellationToken cancellationToken = default);

    /// <summary>Lists the runs that are neither finished nor paused, in the order in which they were accepted. Their owners may have died.</summary>
    /// <param name="sessionId">Lists only those of one session; null for all of the tenant.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The runs.</returns>
    Task<ImmutableArray<UnfinishedRun>> ListUnfinishedAsync(string? sessionId = null, CancellationToken cancellationToken = default);
}

/// <summary>A run to record.</summary>
/// <param name="Event">The first event.</param>
/// <param name="Output">The run's record: id, session, agent, input and <see cref="RunStatus.Pending"/>.</param>
/// <param name="Session">The session to create when there is none with its id. Of an existing one, component, first input and component data are set when they were null or come anew.</param>
public sealed record RunAcceptance(RunAccepted Event, RunOutput Output, SessionRecord Session);

/// <summary>Where an accepted run stands.</summary>
/// <param name="RunId">The run's id.</param>
/// <param name="Sequence">Its place among all runs of the store: a later run has a larger one.</param>
/// <param name="IsNew">False when the idempotency key was known and this is the earlier run.</param>
/// <param name="OpensSession">True when its session was created with it: then the session holds nothing else, and nobody need look. False when it was there, or when that is not known.</param>
public sealed record AcceptedRun(string RunId, long Sequence, bool IsNew, bool OpensSession = false);

/// <summary>Events to append to a log.</summary>
public sealed record RunAppend
{
    /// <summary>Gets the run's id.</summary>
    public required string RunId { get; init; }

    /// <summary>Gets the owner's generation. A higher one than the log's takes the log over.</summary>
    public required long Generation { get; init; }

    /// <summary>Gets the position of the first event: the number of events that the log holds.</summary>
    public required int Position { get; init; }

    /// <summary>Gets the events in order; none are live ones.</summary>
    public required ImmutableArray<RunEvent> Events { get; init; }

    /// <summary>Gets the run's record from now on; null leaves it.</summary>
    public RunOutput? Output { get; init; }

    /// <summary>Gets the change of the run's session; null leaves it.</summary>
    public SessionPatch? Session { get; init; }

    /// <summary>Gets the run that this one has answered anew: its status is <see cref="RunStatus.Regenerated"/> from now on. Null for none.</summary>
    public string? Regenerated { get; init; }

    /// <summary>Gets what becomes of the run's approvals.</summary>
    public ApprovalChanges Approvals { get; init; } = ApprovalChanges.None;
}

/// <summary>A run's log.</summary>
/// <param name="Generation">The generation of the last append.</param>
/// <param name="Sequence">The run's place among all runs of the store.</param>
/// <param name="Events">The events, from position 0.</param>
public sealed record RunLogRecord(long Generation, long Sequence, ImmutableArray<RunEvent> Events)
{
    /// <summary>Gets how many bytes were read for it; 0 where the events were in memory already.</summary>
    public long Bytes { get; init; }

    /// <summary>Folds the log.</summary>
    /// <returns>Where the run stands.</returns>
    public RunState ToState() => RunState.From(Events) with { Generation = Generation, Sequence = Sequence };
}

/// <summary>A run that is neither finished nor paused.</summary>
/// <param name="Tenant">Whose run it is.</param>
/// <param name="RunId">The run's id.</param>
/// <param name="SessionId">Its session.</param>
/// <param name="Sequence">Its place among all runs of the store.</param>
/// <param name="ParentRunId">The run that started it, beside which it works; null for a run that has its turn in its session.</param>
public sealed record UnfinishedRun(TenantId Tenant, string RunId, string SessionId, long Sequence, string? ParentRunId = null);
