using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using Spectre.Console;

namespace Cluster.Terminal;

/// <summary>A conversation with an agent or a team, wherever it runs.</summary>
/// <param name="host">Where it runs.</param>
/// <param name="agent">The agent or team.</param>
/// <param name="console">Where to talk.</param>
/// <param name="options">What is printed.</param>
public sealed class Chat(IRunHost host, Agent agent, IAnsiConsole console, PrintOptions options)
{
    private static readonly string[] Farewells = ["exit", "quit", "bye"];

    private readonly string _sessionId = options.SessionId ?? Guid.CreateVersion7().ToString();

    /// <summary>Talks until somebody says goodbye.</summary>
    /// <param name="cancellationToken">Ends the chat, and cancels a run that is under way.</param>
    /// <returns>A task that ends with the chat.</returns>
    /// <exception cref="EngineException">The agent cannot run, for instance because its model is not configured.</exception>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        console.MarkupLineInterpolated($"[grey]Talking with {agent.AgentId}. Type exit to leave.[/]");
        while (!cancellationToken.IsCancellationRequested)
        {
            var message = await new TextPrompt<string>("[bold cyan]>[/]").AllowEmpty().ShowAsync(console, cancellationToken);
            if (Farewells.Contains(message.Trim(), StringComparer.OrdinalIgnoreCase))
            {
                return;
            }

            if (!string.IsNullOrWhiteSpace(message))
            {
                await AskAsync(message, cancellationToken);
            }
        }
    }

    private async Task AskAsync(string message, CancellationToken cancellationToken)
    {
        var printer = new RunPrinter(console, AgentConsoleExtensions.OptionsFor(agent, options) with { ShowMessage = false });
        var events = agent is Team
            ? host.RunTeamStreamingAsync(agent.AgentId, message, _sessionId, cancellationToken)
            : host.RunStreamingAsync(agent.AgentId, message, _sessionId, cancellationToken);
        var view = await printer.PrintAsync(null, events);
        while (view is { IsPaused: true, RunId: { } runId })
        {
            var continued = await host.ContinueAsync(await AnswerAsync(runId, cancellationToken), cancellationToken);
            try
            {
                view = await printer.PrintAsync(null, host.ReadEventsAsync(continued.RunId, continued.LastIndex, cancellationToken), continued.RunId);
            }
            finally
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    await host.CancelAsync(continued.RunId, CancellationToken.None);
                }
            }
        }
    }

    private async Task<RunContinuation> AnswerAsync(string runId, CancellationToken cancellationToken)
    {
        var paused = await host.WaitAsync(runId, cancellationToken);
        var dialog = new PauseDialog(console);
        return agent is Team
            ? new RunContinuation(runId) { Requirements = await dialog.AskTeamAsync(paused, cancellationToken) }
            : new RunContinuation(runId, await dialog.AskAsync(paused, cancellationToken));
    }
}
