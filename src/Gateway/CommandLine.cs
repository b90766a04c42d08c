using System.CommandLine;

namespace Cluster.Gateway;

/// <summary>
/// The command line: every option is a configuration setting under a shorter name. It wins over the environment, which wins over appsettings.json.
/// </summary>
internal static class CommandLine
{
    private static readonly (Option<string> Option, string Key)[] Settings =
    [
        (Describe("--url", "Where to listen.", "http://localhost:7777"), "Gateway:Url"),
        (Describe("--store", "Where the silos' members and runs are: postgres:CONNECTION, or memory: for a development silo.", "memory:"), "Cluster:Store"),
        (Describe("--gateway-port", "The port of the development silo.", "30000"), "Cluster:GatewayPort"),
        (Describe("--allowed-origins", "Origins that browsers may call from, separated by commas.", "localhost:3000 and AgentOS' own"), "AgentOs:AllowedOrigins"),
        (Describe("--os-id", "The id of this AgentOS.", "agno-agentos"), "AgentOs:Id"),
        (Describe("--os-name", "The name of this AgentOS.", "none"), "AgentOs:Name"),
    ];

    /// <summary>Runs the program.</summary>
    /// <param name="args">The arguments.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand(
            """
            Serves the agents of a cluster's silos over the AgentOS API.

            Every option can also stand in appsettings.json, or in the environment with __ for the colon:
              --url Gateway:Url, --store Cluster:Store, --gateway-port Cluster:GatewayPort,
              --allowed-origins AgentOs:AllowedOrigins, --os-id AgentOs:Id, --os-name AgentOs:Name
            Below these count, as for every AgentOS: AGENT_OS_HOST, AGENT_OS_PORT, CORS_ORIGIN_LIST (separated by commas).
            """);
        foreach (var (option, _) in Settings)
        {
            root.Options.Add(option);
        }

        root.SetAction((parsed, stop) => Server.RunAsync(
            Settings.Where(setting => parsed.GetValue(setting.Option) is not null).ToDictionary(setting => setting.Key, setting => parsed.GetValue(setting.Option)),
            stop));

        // The host listens for signals itself. Beside it the command line would end the process two seconds after one, in the middle of the shutdown.
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    private static Option<string> Describe(string name, string description, string defaultValue) =>
        new(name) { Description = $"{description} [default: {defaultValue}]" };
}
