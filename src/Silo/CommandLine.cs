using System.CommandLine;
using Cluster.Engine.Errors;
using Cluster.Grains.Interfaces.Hosting;
using Cluster.Hosting;
using Cluster.Silo.Postgres;

namespace Cluster.Silo;

/// <summary>The command line of the silo.</summary>
internal static class CommandLine
{
    private static readonly CommandLineSetting[] Settings =
    [
        new("--store", "Cluster:Store", "Where members, runs and sessions are kept: postgres:CONNECTION or memory:.", "memory:", IsForVerbs: true),
        new("--definitions", "Silo:Definitions", "A YAML file with the agents to run.", "two demo agents and a team"),
        new("--url", "Silo:Url", "Where to serve health.", "http://localhost:7780"),
        new("--address", "Silo:Address", "Where other silos and gateways reach this one.", "127.0.0.1"),
        new("--port", "Silo:Port", "The port for other silos.", "11111"),
        new("--gateway-port", "Cluster:GatewayPort", "The port for gateways and other clients.", "30000"),
    ];

    /// <summary>Creates the command line.</summary>
    /// <returns>The command line.</returns>
    public static SettingsCommand Create()
    {
        var command = new SettingsCommand(
            "Runs agents as a silo of a cluster. Gateways serve them.",
            "Models take their keys from the usual variables: OPENAI_API_KEY, ANTHROPIC_API_KEY, GROQ_API_KEY …",
            Settings,
            Server.RunAsync);
        command.Root.Subcommands.Add(MigrateCommand.Create(parsed => FindDatabase(command, parsed)));
        return command;
    }

    private static string FindDatabase(SettingsCommand command, ParseResult parsed) =>
        Server.CreateBuilder(command.Read(parsed)).Configuration.GetSection(ClusterOptions.SectionName).Get<ClusterOptions>()?.ConnectionString
        ?? throw new InvalidRequestException("There is no database to migrate. Name one with --store postgres:CONNECTION or Cluster__Store.");
}
