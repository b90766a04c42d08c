using System.Collections.Concurrent;
using Cluster.Engine.Agents;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Hooks;
using Cluster.Engine.Runs;

namespace Cluster.Testing.Tests;

/// <summary>Sweeps hooks and guardrails of every kind.</summary>
public sealed class HookCrashTests
{
    private readonly Rows _rows = new();

    [Fact]
    public async Task Hooks_in_the_background_move_no_other_hook_after_every_crash()
    {
        var inBackground = new ConcurrentBag<string>();
        var hooks = new RunHooks
        {
            Pre =
            [
                new PreHook("noted", (input, _, _) => Note("pre", input)) { InBackground = true },
                new PreHook("louder", (input, _, _) => ValueTask.FromResult(input with { InputContent = input.InputContent + "!" })),
            ],
            Post = [Background("first"), Adding("1"), Background("second"), Adding("2"), Adding("3"), Background("third")],
        };

        await _rows.AssertSafeAsync(
            new Agent { Model = Talk.Of(["append"]), Tools = [_rows.Append()], Hooks = hooks }, points: 20, output => output is { Content.Text: "all done123", Input.InputContent.Text: "go!" });

        Assert.Equal(["first", "pre", "second", "third"], inBackground.Distinct().Order());

        PostHook Background(string name) => new(name, (output, _, _) => Note(name, output)) { InBackground = true };

        ValueTask<T> Note<T>(string name, T given)
        {
            inBackground.Add(name);
            return ValueTask.FromResult(given);
        }
    }

    [Fact]
    public async Task A_refused_input_is_refused_after_every_crash() => await _rows.AssertSafeAsync(
        new Agent
        {
            Model = Talk.Of(["append"]),
            Tools = [_rows.Append()],
            Hooks = new RunHooks { Pre = [new PreHook("strict", (_, _, _) => throw new InputCheckException("not that", "strict"))] },
        },
        points: 3,
        output => output.Status == RunStatus.Error && output.Content?.Text == "not that");

    [Fact]
    public async Task A_refused_answer_is_refused_after_every_crash() => await _rows.AssertSafeAsync(
        new Agent
        {
            Model = Talk.Of(["append"]),
            Tools = [_rows.Append()],
            Hooks = new RunHooks { Post = [Adding("1"), new PostHook("strict", (_, _, _) => throw new OutputCheckException("not that"))] },
        },
        points: 10,
        output => output.Status == RunStatus.Error && output.Content?.Text == "not that");

    [Fact]
    public async Task Hooks_that_break_change_nothing_after_any_crash() => await _rows.AssertSafeAsync(
        new Agent
        {
            Model = Talk.Of(["append"]),
            Tools = [_rows.Append()],
            Hooks = new RunHooks
            {
                Pre = [new PreHook("broken", (_, _, _) => throw new InvalidOperationException("broken"))],
                Post = [new PostHook("broken", (_, _, _) => throw new InvalidOperationException("broken")), Adding("1")],
            },
        },
        points: 10,
        output => output.Content?.Text == "all done1");

    private static PostHook Adding(string text) => new(text, (output, _, _) => ValueTask.FromResult(output with { Content = output.Content + text }));
}
