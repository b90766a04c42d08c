using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Runs;

/// <summary>What of a run's state seldom changes. It stands apart from what each event changes, so that the copy of the state that each event makes stays small.</summary>
internal sealed record RunBasis
{
    /// <summary>Gets the basis of a run of which nothing is known.</summary>
    public static RunBasis None { get; } = new();

    public RunRequest? Request { get; init; }

    public long Generation { get; init; } = 1;

    public double StartedAt { get; init; }

    public JsonElement Dependencies { get; init; } = EngineJson.EmptyObject;

    public CheckpointMode Checkpoint { get; init; }

    public ImmutableArray<ToolBinding> ToolNames { get; init; } = [];

    public int HistoryAt { get; init; }

    public long? Sequence { get; init; }

    public bool OpensSession { get; init; }
}
