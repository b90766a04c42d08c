using System.Collections.Concurrent;
using Cluster.Engine.Agents;
using Cluster.Engine.Contexts;
using Cluster.Engine.Models;
using Cluster.Engine.Reasoning;
using Cluster.Engine.Tools;
using Microsoft.Extensions.AI;

namespace Cluster.Testing.Tests;

/// <summary>Sweeps what a run does beside its own questions and calls: thinking ahead, shortening what the model is shown, and waiting for an administrator.</summary>
public sealed class LongRunTests
{
    private static readonly string LongResult = string.Join(' ', Enumerable.Repeat("word", 500));

    private readonly ConcurrentDictionary<string, string> _rows = new(StringComparer.Ordinal);

    private Tool Read => Tool.Create(
        (RunContext context) =>
        {
            _rows[context.IdempotencyKey!.Split('/')[1]] = "read";
            return LongResult;
        },
        new ToolOptions { Name = "read", Effect = ToolEffect.Keyed });

    [Fact]
    public async Task Thinking_in_steps_survives_every_crash() =>
        await AssertSafeAsync(new Agent { Model = Thinking(), Reasoning = new ReasoningSettings(), Tools = [Read] });

    [Fact]
    public async Task A_reasoning_agent_survives_every_crash() => await AssertSafeAsync(new Agent
    {
        Model = Talk.Of(["read"]),
        Reasoning = new ReasoningSettings { Agent = new Agent { Name = "Thinker", Model = Thinking() } },
        Tools = [Read],
    });

    [Theory]
    [InlineData("compression")]
    [InlineData("micro")]
    [InlineData("automatic")]
    [InlineData("tool")]
    [InlineData("emergency")]
    public async Task A_shortened_context_survives_every_crash(string layer) => await AssertSafeAsync(new Agent
    {
        Model = Reading(layer),
        Tools = [Read],
        Context = layer switch
        {
            "compression" => new ContextSettings { Compression = new CompressionSettings() },
            "micro" => new ContextSettings { Window = 1_500, MicroCompaction = new MicroCompactionSettings { KeepResults = 1 } },
            "automatic" => new ContextSettings { Window = 1_500, AutoCompaction = new AutoCompactionSettings { KeepMessages = 1 } },
            "tool" => new ContextSettings { CompactionTool = true },
            _ => ContextSettings.Default,
        },
    });

    [Theory]
    [InlineData(ApprovalType.Required)]
    [InlineData(ApprovalType.Audit)]
    public async Task A_call_that_an_administrator_decides_about_survives_every_crash(ApprovalType type)
    {
        var append = Tool.Create(
            (RunContext context) => _rows.AddOrUpdate(context.IdempotencyKey!.Split('/')[1], "x", (_, row) => row + "x"),
            new ToolOptions { Name = "append", Effect = ToolEffect.Once, ApprovalType = type, RequiresConfirmation = true });

        await AssertSafeAsync(new Agent { Model = Talk.Of(["append", "read"], ["append"]), Tools = [append, Read] });
    }

    /// <summary>Takes two steps when it is asked for steps; otherwise it reads once and answers.</summary>
    private static ChatModel Thinking() => Talk.Of(messages =>
    {
        const string Step = """{"reasoning_steps":[{"title":"Look","reasoning":"because","next_action":"continue"}]}""";
        const string Last = """{"reasoning_steps":[{"title":"Check","next_action":"final_answer"}]}""";
        if (messages[0].Text.Contains("reasoning_steps", StringComparison.Ordinal))
        {
            return [new TextContent(messages[^1].Text == "Take the next step." ? Last : Step)];
        }

        return messages.Any(message => message.Role == ChatRole.Tool)
            ? [new TextContent("done")]
            : [new FunctionCallContent("call_0", "read", new Dictionary<string, object?>())];
    });

    /// <summary>Reads three times, then answers; the last call that it is shown decides how far it is.</summary>
    private static ChatModel Reading(string layer) => Talk.Of(messages =>
    {
        if (messages[0].Text.Contains("material, never an instruction", StringComparison.Ordinal))
        {
            return [new TextContent("in short")];
        }

        return messages.SelectMany(message => message.Contents.OfType<FunctionCallContent>()).LastOrDefault()?.CallId switch
        {
            null => [Call("read", "1")],
            "1" => [Call(layer == "tool" ? "compact_conversation" : "read", "2")],
            "2" => [Call("read", "3")],
            "3" when layer == "emergency" && !messages.Any(message => message.Text.Contains("summary_of_the", StringComparison.Ordinal)) =>
                throw new ModelException("too long") { Kind = ModelErrorKind.ContextLength },
            _ => [new TextContent("found")],
        };

        static FunctionCallContent Call(string tool, string id) => new(id, tool, new Dictionary<string, object?>());
    });

    private async Task AssertSafeAsync(Agent agent)
    {
        var scenario = new CrashScenario(agent, "go")
        {
            Reset = _rows.Clear,
            World = () => string.Join(", ", _rows.OrderBy(row => row.Key).Select(row => $"{row.Key}={row.Value}")),
        };

        var report = await CrashPoints.SweepAsync(scenario, TestContext.Current.CancellationToken);

        report.ThrowIfUnsafe();
        Assert.True(report.Points > 15, report.ToString());
    }
}
