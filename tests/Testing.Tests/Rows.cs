using System.Collections.Concurrent;
using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Testing.Tests;

/// <summary>The world that tools change: rows, one for each call.</summary>
internal sealed class Rows
{
    private readonly ConcurrentDictionary<string, string> _rows = new(StringComparer.Ordinal);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Gets what is done beside the rows before each run.</summary>
    public Action Reset { get; init; } = static () => { };

    /// <summary>Gets what is wished when a run has ended.</summary>
    public Func<RunOutput, RunContinuation?> Next { get; init; } = static _ => null;

    /// <summary>Makes a tool that writes a row under the key of the call, so that a repetition writes the same row.</summary>
    public Tool Write(string name = "write", ToolEffect effect = ToolEffect.Keyed, ToolOptions? options = null) =>
        Make(name, context => _rows[context.IdempotencyKey!] = $"{name} wrote", effect, options);

    /// <summary>Makes a tool that makes a row longer each time, so that a repetition shows.</summary>
    public Tool Append(string name = "append", ToolOptions? options = null) => Make(
        name,
        context =>
        {
            _rows.AddOrUpdate(context.IdempotencyKey!, "x", (_, row) => row + "x");
            return "appended";
        },
        ToolEffect.Once,
        options);

    /// <summary>Writes the row of a call that cannot be repeated.</summary>
    public string Draw(RunContext context) => _rows.AddOrUpdate(context.IdempotencyKey!, "drawn", (_, row) => row + " again");

    public string? Find(string key) => _rows.GetValueOrDefault(key);

    public static Tool Make(string name, Func<RunContext, string> work, ToolEffect effect = ToolEffect.Pure, ToolOptions? options = null) =>
        Tool.Create((RunContext context) => work(context), (options ?? ToolOptions.Default) with { Name = name, Effect = effect });

    /// <summary>Stops the run at each of its points, and compares.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="points">More points than these must have been tried.</param>
    /// <param name="expected">What the undisturbed run must come to, so that the sweep is about what it says; null for a completed run.</param>
    public async Task AssertSafeAsync(Agent agent, int points, Predicate<RunOutput>? expected = null)
    {
        var last = default(RunOutput);
        var scenario = new CrashScenario(agent, "go")
        {
            Next = output =>
            {
                last = output;
                return Next(output);
            },
            Reset = () =>
            {
                _rows.Clear();
                Reset();
            },
            World = () => string.Join(", ", _rows.Select(row => $"{row.Key.Split('/')[1]}={row.Value}").Order(StringComparer.Ordinal)),
        };

        var report = await CrashPoints.SweepAsync(scenario, Stop);

        report.ThrowIfUnsafe();
        Assert.True(report.Points > points, report.ToString());
        Assert.True(expected?.Invoke(last!) ?? last!.Status == RunStatus.Completed, $"The run ended as {last!.Status}: {last.Content}");
    }
}
