using Cluster.Hosting;

namespace Cluster.Gateway;

/// <summary>The command line of the gateway.</summary>
internal static class CommandLine
{
    private static readonly CommandLineSetting[] Settings =
    [
        new("--url", "Gateway:Url", "Where to listen.", "http://localhost:7777"),
        new("--store", "Cluster:Store", "Where the silos' members and runs are: postgres:CONNECTION, or memory: for a development silo.", "memory:"),
        new("--gateway-port", "Cluster:GatewayPort", "The port of the development silo.", "30000"),
        new("--allowed-origins", "AgentOs:AllowedOrigins", "Origins that browsers may call from, separated by commas.", "localhost:3000 and AgentOS' own"),
        new("--allowed-hosts", "AgentOs:AllowedHosts", "Names of the server besides those of this machine, separated by commas.", "none; any when not on loopback"),
        new("--os-id", "AgentOs:Id", "The id of this AgentOS.", "agno-agentos"),
        new("--os-name", "AgentOs:Name", "The name of this AgentOS.", "none"),
    ];

    /// <summary>Creates the command line.</summary>
    /// <returns>The command line.</returns>
    public static SettingsCommand Create() => new(
        "Serves the agents of a cluster's silos over the AgentOS API.",
        "Below these count, as for every AgentOS: AGENT_OS_HOST, AGENT_OS_PORT, CORS_ORIGIN_LIST (separated by commas).",
        Settings,
        Server.RunAsync);
}
