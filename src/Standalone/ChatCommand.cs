using System.CommandLine;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Hosting;
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
        var agent = new Argument<string?>("agent") { Description = "The id of the agent or team; the first agent when it is left out.", Arity = ArgumentArity.ZeroOrOne };
        var session = new Option<string?>("--session") { Description = "The conversation to go on with. [default: a new one]" };
        var metrics = new Option<bool>("--metrics") { Description = "Show tokens, times and costs below each answer." };
        var command = new Command("chat", "Talks with an agent or a team in this terminal.") { agent, session, metrics };
        command.SetAction((parsed, stop) => RunAsync(
            settings(parsed), parsed.GetValue(agent), new PrintOptions { SessionId = parsed.GetValue(session), ShowMetrics = parsed.GetValue(metrics) }, stop));
        return command;
    }

    /// <summary>Ctrl-C and a request to stop end the chat and the run that is under way; the host hears of them first.</summary>
    private static async Task TalkAsync(IHost host, Agent agent, PrintOptions options, CancellationToken cancellationToken)
    {
        await host.StartAsync(cancellationToken);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        try
        {
            await new Chat(host.Services.GetRequiredService<IRunHost>(), agent, AnsiConsole.Console, options).RunAsync(leaving.Token);
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            // Whoever leaves like that has said goodbye.
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> settings, string? agentId, PrintOptions options, CancellationToken cancellationToken)
    {
        try
        {
            using var host = Server.BuildWithoutApi(settings);
            var agents = host.Services.GetRequiredService<IAgentCatalog>();
            var all = agents.Agents.Concat(agents.Teams);
            var agent = agentId is null ? all.FirstOrDefault() : agents.Find(agentId) ?? agents.FindTeam(agentId);
            if (agent is null)
            {
                throw new InvalidRequestException($"There is no agent or team '{agentId}'. There are: {string.Join(", ", all.Select(one => one.AgentId))}.");
            }

            if (Console.IsInputRedirected)
            {
                throw new InvalidRequestException("A chat needs a terminal, and its input comes from elsewhere. Serve the agents and use the API, or start the chat in a terminal.");
            }

            await TalkAsync(host, agent, options, cancellationToken);
            return 0;
        }
        catch (Exception refusal) when (ServerProgram.IsRefusal(refusal))
        {
            await Console.Error.WriteLineAsync(refusal.Message);
            return 1;
        }
    }
}
