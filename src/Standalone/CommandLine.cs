using Cluster.Hosting;
using Cluster.Standalone.Stores;

namespace Cluster.Standalone;

/// <summary>The command line of the server.</summary>
internal static class CommandLine
{
    private static readonly CommandLineSetting[] Settings =
    [
        new("--url", "Standalone:Url", "Where to listen.", "http://localhost:7777"),
        new("--store", "Standalone:Store", "Where to keep runs and sessions: sqlite:DIRECTORY, postgres:CONNECTION or memory:.", "sqlite:./data", IsForVerbs: true),
        new("--definitions", "Standalone:Definitions", "A YAML file with the agents and teams to serve.", "two demo agents and a team", IsForVerbs: true),
        new("--allowed-origins", "AgentOs:AllowedOrigins", "Origins that browsers may call from, separated by commas.", "localhost:3000 and AgentOS' own"),
        new("--allowed-hosts", "AgentOs:AllowedHosts", "Names of the server besides those of this machine, separated by commas.", "none; any when not on loopback"),
        new("--os-id", "AgentOs:Id", "The id of this AgentOS.", "agno-agentos"),
        new("--os-name", "AgentOs:Name", "The name of this AgentOS.", "none"),
    ];

    /// <summary>Creates the command line.</summary>
    /// <returns>The command line.</returns>
    public static SettingsCommand Create()
    {
        var command = CreateServer();
        command.Root.Subcommands.Add(ChatCommand.Create(command.Read));
        command.Root.Subcommands.Add(StoreCommand.Create(command.Read));
        return command;
    }

    private static SettingsCommand CreateServer() => new(
        "Serves agents over the AgentOS API from one process.",
        """
        Below these count, as for every AgentOS: AGENT_OS_HOST, AGENT_OS_PORT, CORS_ORIGIN_LIST (separated by commas).
        Models take their keys from the usual variables: OPENAI_API_KEY, ANTHROPIC_API_KEY, GROQ_API_KEY …
        """,
        Settings,
        Server.RunAsync);
}
