using Cluster.Engine.Errors;
using Cluster.Engine.Teams;
using Cluster.Terminal;
using Spectre.Console;

namespace Cluster.Engine.Agents;

/// <summary>Agents and teams in a terminal.</summary>
public static class AgentConsoleExtensions
{
    /// <summary>Runs an agent and prints what it says and does, as it happens.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="message">What is asked of it.</param>
    /// <param name="options">What is printed; null for the defaults.</param>
    /// <param name="console">Where; null for the terminal.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>A task that ends with the run, or when the run waits for a human.</returns>
    /// <exception cref="EngineException">The agent cannot run, for instance because its model is not configured.</exception>
    public static Task PrintResponseAsync(
        this Agent agent, string message, PrintOptions? options = null, IAnsiConsole? console = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(agent);
        var print = OptionsFor(agent, options);
        return new RunPrinter(console ?? AnsiConsole.Console, print).PrintAsync(message, agent.RunStreamingAsync(message, print.SessionId, cancellationToken));
    }

    /// <summary>Talks with an agent in the terminal until somebody types <c>exit</c>, or the input ends. Pauses of the run are asked about.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="options">What is printed; null for the defaults.</param>
    /// <param name="console">Where; null for the terminal.</param>
    /// <param name="cancellationToken">Ends the chat, and cancels a run that is under way.</param>
    /// <returns>A task that ends with the chat.</returns>
    /// <exception cref="EngineException">The agent cannot run, for instance because its model is not configured.</exception>
    public static Task RunInteractiveAsync(this Agent agent, PrintOptions? options = null, IAnsiConsole? console = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return new Chat(agent.ToRunHost(), agent, console ?? AnsiConsole.Console, options ?? PrintOptions.Default).RunAsync(cancellationToken);
    }

    internal static PrintOptions OptionsFor(Agent agent, PrintOptions? options)
    {
        var print = options ?? PrintOptions.Default;
        return print with { ShowMembers = print.ShowMembers ?? (agent as Team)?.Delegation.ShowResponses };
    }
}
