using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Spectre.Console;

namespace Cluster.Terminal;

/// <summary>A conversation with an agent, wherever it runs.</summary>
/// <param name="host">Where the agent runs.</param>
/// <param name="agentId">The agent.</param>
/// <param name="console">Where to talk.</param>
/// <param name="options">What is printed.</param>
public sealed class Chat(IRunHost host, string agentId, IAnsiConsole console, PrintOptions options)
{
    private static readonly string[] Farewells = ["exit", "quit", "bye"];

    private readonly string _sessionId = options.SessionId ?? Guid.CreateVersion7().ToString();

    /// <summary>Talks until somebody says goodbye.</summary>
    /// <param name="cancellationToken">Ends the chat, and cancels a run that is under way.</param>
    /// <returns>A task that ends with the chat.</returns>
    /// <exception cref="EngineException">The agent cannot run, for instance because its model is not configured.</exception>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        console.MarkupLineInterpolated($"[grey]Talking with {agentId}. Type exit to leave.[/]");
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
        var printer = new RunPrinter(console, options with { ShowMessage = false });
        var view = await printer.PrintAsync(null, host.RunStreamingAsync(agentId, message, _sessionId, cancellationToken));
        while (view is { IsPaused: true, RunId: { } runId })
        {
            var paused = await host.WaitAsync(runId, cancellationToken);
            var answers = await new PauseDialog(console).AskAsync(paused, cancellationToken);
            var continued = await host.ContinueAsync(new RunContinuation(runId, answers), cancellationToken);
            try
            {
                view = await printer.PrintAsync(null, host.ReadEventsAsync(continued.RunId, continued.LastIndex, cancellationToken));
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
}
