using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Storage;

namespace Cluster.Storage.Embedded;

/// <summary>A session in the index.</summary>
/// <param name="order">Its place in the order of creation.</param>
internal sealed class SessionEntry(long order)
{
    private readonly Lock _lock = new();
    private readonly List<RunEntry> _runs = [];
    private Dictionary<string, List<RunEntry>>? _children;

    public long Order => order;

    public Versioned<SessionHead> Head { get; } = new();

    /// <summary>Gets or sets its place in lists; null while it has none. Only the writer looks at it.</summary>
    public SessionPlace? Listed { get; set; }

    /// <summary>Adds a run that is durable.</summary>
    public void Add(RunEntry run)
    {
        lock (_lock)
        {
            _runs.Add(run);
            if (run.First.ParentRunId is not { } parent)
            {
                return;
            }

            _children ??= new Dictionary<string, List<RunEntry>>(StringComparer.Ordinal);
            if (!_children.TryGetValue(parent, out var children))
            {
                _children[parent] = children = [];
            }

            children.Add(run);
        }
    }

    /// <summary>Gives all runs, oldest first.</summary>
    public RunEntry[] All()
    {
        lock (_lock)
        {
            return [.. _runs];
        }
    }

    /// <summary>Gives the last runs that match, oldest first.</summary>
    public List<RunEntry> Last(RunQuery query)
    {
        var found = new List<RunEntry>();
        var count = query.Last ?? int.MaxValue;
        lock (_lock)
        {
            var runs = query.ParentRunId is { } parent ? _children?.GetValueOrDefault(parent) ?? [] : _runs;
            for (var index = runs.Count - 1; index >= 0 && found.Count < count; index--)
            {
                if (runs[index].Matches(query))
                {
                    found.Add(runs[index]);
                }
            }
        }

        found.Reverse();
        return found;
    }
}

/// <summary>A session as it is at one time.</summary>
/// <param name="Record">The session.</param>
/// <param name="Bytes">How many bytes it takes in a compacted journal, roughly.</param>
internal sealed record SessionHead(SessionRecord Record, long Bytes);

/// <summary>A run in the index.</summary>
/// <param name="first">The run as it was accepted.</param>
/// <param name="sequence">Its place among all runs.</param>
/// <param name="session">Its session.</param>
internal sealed class RunEntry(RunHeader first, long sequence, SessionEntry session)
{
    private volatile CachedRecord? _cached;

    public RunHeader First => first;

    public long Sequence => sequence;

    public SessionEntry Session => session;

    public Versioned<RunHead> Head { get; } = new();

    /// <summary>Gets or sets the record as it was read last; null when nobody asked for it lately.</summary>
    public CachedRecord? Cached
    {
        get => _cached;
        set => _cached = value;
    }

    public bool Matches(RunQuery query) =>
        Head.Published is { } head
        && (query.Status is null || head.Status == query.Status)
        && (query.Before is null || sequence < query.Before)
        && (query.ComponentId is null || first.AgentId == query.ComponentId)
        && (query.ParentRunId is null || first.ParentRunId == query.ParentRunId)
        && IsAtLevel(query);

    private bool IsAtLevel(RunQuery query) => (!query.TopLevelOnly || first.ParentRunId is null) && (!query.MembersOnly || first.ParentRunId is not null);
}

/// <summary>A run as it is at one time.</summary>
/// <param name="Status">How far it is.</param>
/// <param name="Generation">The generation of its owner.</param>
/// <param name="Length">How many events its log holds.</param>
/// <param name="Frames">Where they are, last ones first.</param>
/// <param name="Output">Where its record is.</param>
/// <param name="Bytes">How many bytes it takes in a compacted journal, roughly.</param>
internal sealed record RunHead(RunStatus Status, long Generation, int Length, LogFrame? Frames, Location Output, long Bytes);

/// <summary>Where some events of a run are, and the ones before them.</summary>
/// <param name="Events">A JSON array of events.</param>
/// <param name="Previous">The ones before; null at the start of the log.</param>
internal sealed record LogFrame(Location Events, LogFrame? Previous);

/// <summary>A run's record in memory.</summary>
/// <param name="From">Where it was read; a record elsewhere is another one.</param>
/// <param name="Output">The record.</param>
internal sealed record CachedRecord(Location From, RunOutput Output);

/// <summary>The scope in which an idempotency key stands for one run.</summary>
internal readonly record struct RunKey(string AgentId, string? UserId, string IdempotencyKey)
{
    /// <summary>Gives the key of a run; null when it has none.</summary>
    public static RunKey? Of(RunHeader run) => run.IdempotencyKey is { } key ? new RunKey(run.AgentId, run.UserId, key) : null;
}
