using Orleans.Placement;

namespace Cluster.Grains.Runs;

/// <summary>The place of runs: beside the session that starts them. Members of teams are dealt out among the silos, wherever their leader is.</summary>
[GenerateSerializer, Immutable, Alias("cluster.run.placement")]
internal sealed class RunPlacement : PlacementStrategy;

/// <summary>Gives a grain the place of a run.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RunPlacementAttribute() : PlacementAttribute(new RunPlacement());
