using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Cluster.Engine.Telemetry;

/// <summary>
/// The engine's traces and metrics. Models and tools are described as OpenTelemetry's semantic conventions for generative AI 1.41.0 say, which are
/// still in development; what those have no name for begins with <c>cluster.</c>. Listen to the two names to get everything.
/// </summary>
public static class EngineTelemetry
{
    /// <summary>The name of the source of the engine's spans.</summary>
    public const string ActivitySourceName = "Cluster.Engine";

    /// <summary>The name of the meter of the engine's metrics.</summary>
    public const string MeterName = "Cluster.Engine";

    internal static ActivitySource Source { get; } = new(ActivitySourceName);

    internal static Meter Meter { get; } = new(MeterName);
}
