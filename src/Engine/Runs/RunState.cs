using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Runs;

/// <summary>A run so far: a fold over its events. Whoever has the events has the state, in any process.</summary>
public sealed record RunState
{
    /// <summary>Gets the state of a run of which nothing is known.</summary>
    public static RunState Empty { get; } = new();

    private readonly RunInterruption _interruption = RunInterruption.None;
    private int _position;
    private long _nextEventIndex;

    /// <summary>Gets what seldom changes. Whoever changes several of its members changes them here, in one copy.</summary>
    internal RunBasis Basis { get; init; } = RunBasis.None;

    /// <summary>Gets what was asked for; null before the run was accepted.</summary>
    public RunRequest? Request
    {
        get => Basis.Request;
        init => Basis = Basis with { Request = value };
    }

    /// <summary>Gets what the run amounts to, history included.</summary>
    public RunOutput Output { get; init; } = new() { RunId = string.Empty };

    /// <summary>Gets what the loop has to do next.</summary>
    public RunPhase Phase { get; init; }

    /// <summary>Gets how many events the log holds: the position of the next one.</summary>
    public int Position
    {
        get => _position;
        init => _position = value;
    }

    /// <summary>Gets the index of the next public event.</summary>
    public long NextEventIndex
    {
        get => _nextEventIndex;
        init => _nextEventIndex = value;
    }

    /// <summary>Gets the generation of the run's owner. The first one is 1.</summary>
    public long Generation
    {
        get => Basis.Generation;
        init => Basis = Basis with { Generation = value };
    }

    /// <summary>Gets when the run began, in Unix seconds with fractions; 0 before.</summary>
    public double StartedAt
    {
        get => Basis.StartedAt;
        init => Basis = Basis with { StartedAt = value };
    }

    /// <summary>Gets the resolved dependencies of the run, an object.</summary>
    public JsonElement Dependencies
    {
        get => Basis.Dependencies;
        init => Basis = Basis with { Dependencies = value };
    }

    /// <summary>Gets the tool calls of the current turn; empty when the model's last answer asked for none.</summary>
    public ImmutableArray<ToolCallState> Calls { get; init; } = [];

    /// <summary>Gets messages that tools of the current turn add to the conversation behind their results.</summary>
    public ImmutableArray<Message> Followers
    {
        get => _interruption.Followers;
        init => _interruption = value == _interruption.Followers ? _interruption : _interruption with { Followers = value };
    }

    /// <summary>Gets the ids of tool calls that the run has made, or may have made, and has gone back behind: no other call may have one of them, nor its idempotency key.</summary>
    public ImmutableHashSet<string> SpentCallIds
    {
        get => _interruption.SpentCallIds;
        init => _interruption = ReferenceEquals(value, _interruption.SpentCallIds) ? _interruption : _interruption with { SpentCallIds = value };
    }

    /// <summary>Gets what the user said when the run was continued, as long as no guardrail has looked at it; null for nothing.</summary>
    public Message? Added
    {
        get => _interruption.Added;
        init => _interruption = ReferenceEquals(value, _interruption.Added) ? _interruption : _interruption with { Added = value };
    }

    /// <summary>Gets when the run shows a checkpoint.</summary>
    public CheckpointMode Checkpoint
    {
        get => Basis.Checkpoint;
        init => Basis = Basis with { Checkpoint = value };
    }

    /// <summary>Gets the names under which the model has seen foreign tools: a call goes to the same tool in whatever process, and whatever servers have by then.</summary>
    public ImmutableArray<ToolBinding> ToolNames
    {
        get => Basis.ToolNames;
        init => Basis = Basis with { ToolNames = value };
    }

    /// <summary>Gets the costs that the session has been charged with already, because the run ended once before; null for none.</summary>
    public RunMetrics? Charged
    {
        get => _interruption.Charged;
        init => _interruption = ReferenceEquals(value, _interruption.Charged) ? _interruption : _interruption with { Charged = value };
    }

    /// <summary>Gets the model that was asked last, and its provider.</summary>
    public (string Model, string Provider) Asked { get; init; }

    /// <summary>Gets the seconds from the start of the run to the first delta; null before it.</summary>
    public double? FirstPieceAt { get; init; }

    /// <summary>Gets the deltas of the model call that is under way, newest first; null outside of one.</summary>
    public SpokenPiece? Spoken { get; init; }

    /// <summary>Gets a value indicating whether somebody asked that the run stop.</summary>
    public bool IsCancelRequested { get; init; }

    /// <summary>
    /// Gets a value indicating whether the run was continued and its session state has not been read since: the pause stored what the run knew,
    /// and other runs may have changed it.
    /// </summary>
    public bool IsSessionStateStale
    {
        get => _interruption.IsSessionStateStale;
        init => _interruption = value == _interruption.IsSessionStateStale ? _interruption : _interruption with { IsSessionStateStale = value };
    }

    /// <summary>Gets whether whoever continued the run last asked for its events; null when it was never continued, or when it is as before.</summary>
    public bool? ContinuedStreamed
    {
        get => _interruption.ContinuedStreamed;
        init => _interruption = value == _interruption.ContinuedStreamed ? _interruption : _interruption with { ContinuedStreamed = value };
    }

    /// <summary>Gets a value indicating whether somebody asked for the events of what is under way.</summary>
    public bool IsStreamed => ContinuedStreamed ?? Request?.Streamed ?? false;

    /// <summary>Gets who answered the last pause; null when nobody is named.</summary>
    public string? AnsweredBy
    {
        get => _interruption.AnsweredBy;
        init => _interruption = value == _interruption.AnsweredBy ? _interruption : _interruption with { AnsweredBy = value };
    }

    /// <summary>Gets the index of the last event before an approval let the run go on; null when it never waited for one, or has been continued otherwise since.</summary>
    public long? ApprovedAfter
    {
        get => _interruption.ApprovedAfter;
        init => _interruption = value == _interruption.ApprovedAfter ? _interruption : _interruption with { ApprovedAfter = value };
    }

    /// <summary>Gets the text that stands for an answer while the run is paused; null otherwise, and when the model had said something.</summary>
    public string? PauseText
    {
        get => _interruption.PauseText;
        init => _interruption = value == _interruption.PauseText ? _interruption : _interruption with { PauseText = value };
    }

    /// <summary>Gets how often the model was asked.</summary>
    public int ModelCalls { get; init; }

    /// <summary>Gets how many attempts failed.</summary>
    public int FailedAttempts
    {
        get => _interruption.FailedAttempts;
        init => _interruption = value == _interruption.FailedAttempts ? _interruption : _interruption with { FailedAttempts = value };
    }

    /// <summary>Gets what is done of the stages around the model calls.</summary>
    public RunStages Stages { get; init; } = RunStages.None;

    /// <summary>Gets what the model is shown differently from what is stored.</summary>
    public ShownContext Context { get; init; } = ShownContext.Whole;

    /// <summary>Gets where the history goes among the messages: after the system message and the additional input.</summary>
    public int HistoryAt
    {
        get => Basis.HistoryAt;
        init => Basis = Basis with { HistoryAt = value };
    }

    /// <summary>Gets the run's place among all runs of the store; null before it was recorded.</summary>
    public long? Sequence
    {
        get => Basis.Sequence;
        init => Basis = Basis with { Sequence = value };
    }

    /// <summary>Gets a value indicating whether the run's session was created with it and holds nothing else; false when that is not known.</summary>
    public bool OpensSession
    {
        get => Basis.OpensSession;
        init => Basis = Basis with { OpensSession = value };
    }

    /// <summary>Gets what is known of the members' runs, when the run is a team's.</summary>
    public TeamWork Team { get; init; } = TeamWork.None;

    /// <summary>Gets the messages of earlier runs that the model is shown; default before they were read by the present owner.</summary>
    public ImmutableArray<Message> History { get; init; }

    /// <summary>Gets a value indicating whether the prompt stands. Before, the run knows nothing of its session.</summary>
    public bool HasBegun => StartedAt > 0;

    /// <summary>Gets a value indicating whether the run has the session as it is and works on it. One that waits for its turn has not.</summary>
    public bool IsUnderWay => HasBegun && !IsSessionStateStale;

    /// <summary>Gets a value indicating whether no event follows without a human, or none at all.</summary>
    public bool IsSettled => Phase is RunPhase.Paused or RunPhase.Finished;

    /// <summary>Tells whether the run is still such that it can go on in this way.</summary>
    /// <param name="next">Why it goes on.</param>
    /// <returns>True when it is.</returns>
    public bool CanGoOn(RecoveryEvent next) => Phase == RunPhase.Paused || (next is RunRewound && this is { Phase: RunPhase.Finished, Output.Status: RunStatus.Error });

    /// <summary>Gets what is stored of the run.</summary>
    public RunOutput Recorded => RunRecording.Of(Output, Request?.Record ?? RecordSettings.Default);

    /// <summary>Gets the session state as the run sees it, an object.</summary>
    public JsonElement SessionState => Output.SessionState ?? EngineJson.EmptyObject;

    /// <summary>Folds a whole log.</summary>
    /// <param name="events">The events from position 0.</param>
    /// <returns>The state after them.</returns>
    public static RunState From(IEnumerable<RunEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return events.Aggregate(Empty, (state, next) => state.Apply(next));
    }

    /// <summary>Marks an event as one of this run.</summary>
    /// <param name="next">The event.</param>
    /// <param name="createdAt">When it happened, in Unix seconds.</param>
    /// <returns>The event with run, session and agent.</returns>
    internal AgentEvent Mark(AgentEvent next, long createdAt) => next.Of(Origin, createdAt);

    private EventOrigin Origin => new()
    {
        RunId = Output.RunId,
        AgentId = Output.AgentId,
        AgentName = Output.AgentName,
        TeamId = Output.TeamId,
        TeamName = Output.TeamName,
        ParentRunId = Output.ParentRunId,
        SessionId = Output.SessionId,
    };

    /// <summary>Folds one more event.</summary>
    /// <param name="next">The event.</param>
    /// <returns>The state after it.</returns>
    public RunState Apply(RunEvent next)
    {
        ArgumentNullException.ThrowIfNull(next);
        var state = next.Heard is { } heard ? TeamFold.Hear(this, heard) : Checkpoints.Mark(this, RunFold.Apply(this, next), next.CreatedAt);

        // Nobody has seen what the fold made, so the place in the log is noted in it and not in yet another copy.
        state = ReferenceEquals(state, this) ? this with { } : state;
        state._position += next.IsStored ? 1 : 0;
        state._nextEventIndex = next.EventIndex is { } index ? index + 1 : state._nextEventIndex;
        return state;
    }
}
