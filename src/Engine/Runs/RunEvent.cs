using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Cluster.Engine.Json;

namespace Cluster.Engine.Runs;

/// <summary>
/// Something that happened during a run. Events are the only output of a run loop: clients stream them, the log keeps them,
/// and <see cref="RunState"/> is folded from them. The JSON of public events is AgentOS' (discriminator <c>event</c>).
/// </summary>
[JsonConverter(typeof(RunEventConverter))]
public abstract record RunEvent
{
    private long _createdAt;
    private long? _eventIndex;

    /// <summary>Gets when it happened, in Unix seconds.</summary>
    [JsonPropertyOrder(-30)]
    public long CreatedAt
    {
        get => _createdAt;
        init => _createdAt = value;
    }

    /// <summary>
    /// Gets the event's name, which tells its type in JSON and names its SSE frame. It is the name of the record, behind <c>Team</c> for what happens in the run
    /// of a team; an override would lose its place in the JSON.
    /// </summary>
    [JsonPropertyOrder(-29)]
    public string Event => RunEventNames.Of(GetType(), IsOfTeam);

    /// <summary>
    /// Gets the position among the run's public events, deltas included, counted from 0 without gaps. It is the cursor that readers resume from.
    /// Null until the run's owner appended the event, and always in events that are not public.
    /// </summary>
    [JsonPropertyOrder(100)]
    public long? EventIndex
    {
        get => _eventIndex;
        init => _eventIndex = value;
    }

    /// <summary>Gets a value indicating whether clients see the event. Others only serve recovery.</summary>
    [JsonIgnore]
    public virtual bool IsPublic => true;

    /// <summary>Gets when the event has to be in the log.</summary>
    [JsonIgnore]
    public virtual EventDurability Durability => EventDurability.Logged;

    /// <summary>Gets where in a member's run the event was heard; null for the run's own. It is not told to other processes.</summary>
    [JsonIgnore]
    public HeardEvent? Heard { get; init; }

    /// <summary>Gets a value indicating whether the log of the run that tells it holds the event itself.</summary>
    [JsonIgnore]
    internal bool IsStored => Heard is null && Durability != EventDurability.Live;

    /// <summary>Gets a value indicating whether it happened in the run of a team.</summary>
    [JsonIgnore]
    protected virtual bool IsOfTeam => false;

    /// <summary>Gives the event a place among the public ones. Only one that has a place already may be known to others, and is copied.</summary>
    internal RunEvent At(long index)
    {
        if (_eventIndex is not null)
        {
            return this with { EventIndex = index };
        }

        _eventIndex = index;
        return this;
    }

    /// <summary>Says when it happened. Only one of which that is known already may be known to others, and is copied.</summary>
    internal RunEvent AtTime(long unixSeconds)
    {
        if (_createdAt != 0)
        {
            return this with { CreatedAt = unixSeconds };
        }

        _createdAt = unixSeconds;
        return this;
    }
}

/// <summary>An event of a member's run that the team tells as its own.</summary>
/// <param name="RunId">The member's run.</param>
/// <param name="Index">The event's index there.</param>
/// <param name="AsOwn">True when the team tells the member's words as its answer.</param>
public sealed record HeardEvent(string RunId, long Index, bool AsOwn);

/// <summary>When an event has to be in the log.</summary>
public enum EventDurability
{
    /// <summary>Never: it is shown as it happens, and a later event holds what it meant.</summary>
    Live,

    /// <summary>Together with the next committed event. Losing it in a crash costs nothing, because the loop would produce it again.</summary>
    Logged,

    /// <summary>Before the loop goes on and before anybody sees it.</summary>
    Committed,
}

/// <summary>Events that travel together.</summary>
/// <param name="Events">The events, in order.</param>
public sealed record RunEventBatch(ImmutableArray<RunEvent> Events)
{
    /// <summary>Gets no events.</summary>
    public static RunEventBatch Empty { get; } = new([]);
}
