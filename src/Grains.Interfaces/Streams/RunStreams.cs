namespace Cluster.Grains.Interfaces.Streams;

/// <summary>Names that producers and readers of run events share.</summary>
public static class RunStreams
{
    /// <summary>The stream provider that carries run events from silos to gateways.</summary>
    public const string ProviderName = "runs";
}
