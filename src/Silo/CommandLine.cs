using System.CommandLine;
using Cluster.Engine.Errors;
using Cluster.Silo.Postgres;

namespace Cluster.Silo;

/// <summary>
/// The command line: every option is a configuration setting under a shorter name. It wins over the environment, which wins over appsettings.json.
/// </summary>
internal static class CommandLine
{
    private static readonly Option<string> Store = Describe("--store", "Where members, runs and sessions are kept: postgres:CONNECTION or memory:.", "memory:");

    private static readonly (Option<string> Option, string Key)[] Settings =
    [
        (Store, "Cluster:Store"),
        (Describe("--definitions", "A YAML file with the agents to run.", "two demo agents"), "Silo:Definitions"),
        (Describe("--url", "Where to serve health.", "http://localhost:7780"), "Silo:Url"),
        (Describe("--address", "Where other silos and gateways reach this one.", "127.0.0.1"), "Silo:Address"),
        (Describe("--port", "The port for other silos.", "11111"), "Silo:Port"),
        (Describe("--gateway-port", "The port for gateways and other clients.", "30000"), "Cluster:GatewayPort"),
    ];

    /// <summary>Runs the program.</summary>
    /// <param name="args">The arguments.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand(
            """
            Runs agents as a silo of a cluster. Gateways serve them.

            Every option can also stand in appsettings.json, or in the environment with __ for the colon:
              --store Cluster:Store, --definitions Silo:Definitions, --url Silo:Url, --address Silo:Address,
              --port Silo:Port, --gateway-port Cluster:GatewayPort
            Models take their keys from the usual variables: OPENAI_API_KEY, ANTHROPIC_API_KEY, GROQ_API_KEY …
            """);
        foreach (var (option, _) in Settings)
        {
            option.Recursive = option == Store;
            root.Options.Add(option);
        }

        root.Subcommands.Add(MigrateCommand.Create(FindDatabase));
        root.SetAction((parsed, stop) => Server.RunAsync(Read(parsed), stop));

        // The host listens for signals itself. Beside it the command line would end the process two seconds after one, in the middle of the shutdown.
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    private static Dictionary<string, string?> Read(ParseResult parsed) => Settings
        .Where(setting => parsed.GetValue(setting.Option) is not null)
        .ToDictionary(setting => setting.Key, setting => parsed.GetValue(setting.Option));

    private static string FindDatabase(ParseResult parsed)
    {
        var configuration = Server.CreateBuilder(Read(parsed)).Configuration;
        return configuration["Cluster:Store"] is { } store && store.StartsWith("postgres:", StringComparison.Ordinal)
            ? store["postgres:".Length..]
            : throw new InvalidRequestException("There is no database to migrate. Name one with --store postgres:CONNECTION or Cluster__Store.");
    }

    private static Option<string> Describe(string name, string description, string defaultValue) =>
        new(name) { Description = $"{description} [default: {defaultValue}]" };
}
