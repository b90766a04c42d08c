namespace Cluster.Gateway.Tests.Recordings;

/// <summary>How the recorded server presented itself, as settings of a gateway.</summary>
internal static class ReferenceSettings
{
    public static IReadOnlyDictionary<string, string?> Presentation { get; } = new Dictionary<string, string?>
    {
        ["AgentOs:Id"] = "demo-os",
        ["AgentOs:Name"] = "Demo OS",
        ["AgentOs:Description"] = "Reference AgentOS for recordings",
        ["AgentOs:DatabaseId"] = "demo-db",
    };
}
