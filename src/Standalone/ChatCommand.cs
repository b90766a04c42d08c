using System.CommandLine;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Terminal;
using Spectre.Console;

namespace Cluster.Standalone;

/// <summary>The verb <c>chat</c>: a conversation with an agent in the terminal, without a server. The store is the same, so conversations can be gone on with over the API.</summary>
internal static class ChatCommand
{
    /// <summary>Creates the verb.</summary>
    /// <param name="settings">Reads the settings that stand on the command line.</param>
    /// <returns>The verb.</returns>
    public static Command Create(Func<ParseResult, IReadOnlyDictionary<string, string?>> settings)
    {
        var agent = new Argument<string?>("agent") { Description = "The id of the agent; the first one when it is left out.", Arity = ArgumentArity.ZeroOrOne };
        var session = new Option<string?>("--session") { Description = "The conversation to go on with. [default: a new one]" };
        var metrics = new Option<bool>("--metrics") { Description = "Show tokens, times and costs below each answer." };
        var command = new Command("chat", "Talks with an agent in this terminal.") { agent, session, metrics };
        command.SetAction((parsed, stop) => RunAsync(
            settings(parsed), parsed.GetValue(agent), new PrintOptions { SessionId = parsed.GetValue(session), ShowMetrics = parsed.GetValue(metrics) }, stop));
        return command;
    }

    private static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> settings, string? agentId, PrintOptions options, CancellationToken cancellationToken)
    {
        try
        {
            using var host = Server.BuildWithoutApi(settings);
            await host.StartAsync(cancellationToken);
            var agents = host.Services.GetRequiredService<IAgentCatalog>();
            var agent = agentId is null ? agents.Agents is [var first, ..] ? first : null : agents.Find(agentId);
            if (agent is null)
            {
                throw new InvalidRequestException($"There is no agent '{agentId}'. There are: {string.Join(", ", agents.Agents.Select(one => one.AgentId))}.");
            }

            await new Chat(host.Services.GetRequiredService<IRunHost>(), agent.AgentId, AnsiConsole.Console, options).RunAsync(cancellationToken);
            await host.StopAsync(CancellationToken.None);
            return 0;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
        catch (EngineException refusal)
        {
            await Console.Error.WriteLineAsync(refusal.Message);
            return 1;
        }
    }
}
