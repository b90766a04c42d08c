using System.CommandLine;

namespace Cluster.Standalone;

/// <summary>
/// The command line: every option is a configuration setting under a shorter name. It wins over the environment, which wins over appsettings.json.
/// </summary>
internal sealed class CommandLine
{
    private static readonly (Option<string> Option, string Key)[] Settings =
    [
        (Describe("--url", "Where to listen.", "http://localhost:7777"), "Standalone:Url"),
        (Describe("--store", "Where to keep runs and sessions: embedded:DIRECTORY, postgres:CONNECTION or memory:.", "embedded:./data"), "Standalone:Store"),
        (Describe("--definitions", "A YAML file with the agents to serve.", "two demo agents"), "Standalone:Definitions"),
        (Describe("--allowed-origins", "Origins that browsers may call from, separated by commas.", "localhost:3000 and AgentOS' own"), "AgentOs:AllowedOrigins"),
        (Describe("--os-id", "The id of this AgentOS.", "agno-agentos"), "AgentOs:Id"),
        (Describe("--os-name", "The name of this AgentOS.", "none"), "AgentOs:Name"),
    ];

    private readonly RootCommand _root = new(
        """
        Serves agents over the AgentOS API from one process.

        Every option can also stand in appsettings.json, or in the environment with __ for the colon:
          --url Standalone:Url, --store Standalone:Store, --definitions Standalone:Definitions,
          --allowed-origins AgentOs:AllowedOrigins, --os-id AgentOs:Id, --os-name AgentOs:Name
        Below these count, as for every AgentOS: AGENT_OS_HOST, AGENT_OS_PORT, CORS_ORIGIN_LIST (separated by commas).
        Models take their keys from the usual variables: OPENAI_API_KEY, ANTHROPIC_API_KEY, GROQ_API_KEY …
        """);

    /// <summary>Creates the command line.</summary>
    /// <param name="serve">Serves with the settings that were given.</param>
    public CommandLine(Func<IReadOnlyDictionary<string, string?>, CancellationToken, Task<int>> serve)
    {
        foreach (var (option, _) in Settings)
        {
            _root.Options.Add(option);
        }

        _root.SetAction((parsed, stop) => serve(
            Settings.Where(setting => parsed.GetValue(setting.Option) is not null).ToDictionary(setting => setting.Key, setting => parsed.GetValue(setting.Option)),
            stop));
    }

    /// <summary>Runs the program.</summary>
    /// <param name="args">The arguments.</param>
    /// <returns>The exit code.</returns>
    /// <remarks>
    /// The host listens for signals itself. Beside it the command line would end the process two seconds after one, in the middle of the shutdown.
    /// </remarks>
    public Task<int> RunAsync(string[] args) => _root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

    private static Option<string> Describe(string name, string description, string defaultValue) =>
        new(name) { Description = $"{description} [default: {defaultValue}]" };
}
