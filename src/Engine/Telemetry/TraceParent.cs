using System.Diagnostics;

namespace Cluster.Engine.Telemetry;

/// <summary>How a trace is written down: the header <c>traceparent</c> of W3C Trace Context.</summary>
internal static class TraceParent
{
    /// <summary>Gets the trace that the caller is part of; null when there is none.</summary>
    public static string? Current => Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ? id : null;

    /// <summary>Reads what was written down, perhaps by another process.</summary>
    /// <returns>The parent; default when there is none or it cannot be read.</returns>
    public static ActivityContext Parse(string? traceParent) =>
        ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent) ? parent : default;
}
