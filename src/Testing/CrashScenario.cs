using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Testing;

/// <summary>A run whose crashes are tried out.</summary>
/// <param name="Agent">
/// The agent, or the team, with its real tools. Its model must answer the same when it is asked the same, for instance a scripted one: otherwise every run has another
/// outcome, crash or not.
/// </param>
/// <param name="Input">What is asked of it.</param>
public sealed record CrashScenario(Agent Agent, RunInput Input)
{
    /// <summary>Makes a scenario with a text.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="message">What is asked of it.</param>
    public CrashScenario(Agent agent, string message)
        : this(agent, new RunInput { InputContent = message })
    {
    }

    /// <summary>
    /// Gets what the human answers when the run pauses: the tool calls that wait, filled in. The default confirms what asks for it and answers nothing else.
    /// Doubts about calls whose outcome is lost never come here: the sweep knows the truth and settles them.
    /// </summary>
    public Func<RunOutput, ImmutableArray<ToolExecution>> Answer { get; init; } = ConfirmAll;

    /// <summary>
    /// Gets what is wished when a run has ended or paused: that it, or a new run in its place, goes on. It is asked about each of these runs in turn, in whatever
    /// process, so it must look at the run alone. Null ends the trial, and the last run is compared; a pause that it says nothing about is answered, and doubts are settled without it. The default wishes nothing.
    /// </summary>
    public Func<RunOutput, RunContinuation?> Next { get; init; } = static _ => null;

    /// <summary>
    /// Gets what brings the world that the tools change back to its beginning; it is called before every run. Null when the tools change nothing outside.
    /// </summary>
    public Action? Reset { get; init; }

    /// <summary>
    /// Gets what describes the world that the tools changed, for instance the rows of a table; it is called after every run and compared. Null when the tools
    /// change nothing outside.
    /// </summary>
    public Func<string>? World { get; init; }

    /// <summary>Gets how long one run may take before the sweep gives up, a crash included. The default is 30 seconds.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Of a team, the calls of its members wait too.</summary>
    internal static IEnumerable<ToolExecution> Waiting(RunOutput paused) => paused.TeamId is null
        ? (paused.Tools ?? []).Where(tool => tool.IsWaiting)
        : (paused.Requirements ?? []).Where(requirement => requirement.IsOpen).Select(requirement => requirement.ToolExecution);

    private static ImmutableArray<ToolExecution> ConfirmAll(RunOutput paused) => [.. Waiting(paused).Select(tool => tool with { Confirmed = true })];
}
