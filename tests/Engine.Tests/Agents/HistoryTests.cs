using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Agents;

public sealed class HistoryTests
{
    private static readonly Tool Look = Tool.Create((string at) => $"saw {at}", new ToolOptions { Name = "look" });

    [Theory]
    [InlineData(null, null, new[] { "user: 3", "assistant: re 3", "user: 4", "assistant: re 4", "user: 5", "assistant: re 5" })]
    [InlineData(1, null, new[] { "user: 5", "assistant: re 5" })]
    [InlineData(null, 3, new[] { "assistant: re 4", "user: 5", "assistant: re 5" })]
    [InlineData(1, 5, new[] { "user: 5", "assistant: re 5" })]
    [InlineData(99, null, new[] { "user: 1", "assistant: re 1", "user: 2", "assistant: re 2", "user: 3", "assistant: re 3", "user: 4", "assistant: re 4", "user: 5", "assistant: re 5" })]
    public async Task The_model_is_shown_the_last_runs_or_messages(int? runs, int? messages, string[] expected)
    {
        await using var engine = new TestEngine(new Agent { Description = "D.", History = new HistorySettings { AddToContext = true, Runs = runs, Messages = messages } });
        engine.Model.Otherwise = call => call.Say($"re {call.Input}").End();
        for (var i = 1; i <= 5; i++)
        {
            await engine.RunAsync($"{i}");
        }

        await engine.RunAsync("now");

        Assert.Equal(["system: D.", .. expected, "user: now"], engine.Model.Calls[^1].Texts);
    }

    [Fact]
    public async Task Without_history_the_model_is_shown_nothing()
    {
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer("a").Answer("b").Answer("c");
        await engine.RunAsync("1");
        await engine.RunAsync("2");
        await engine.RunAsync(engine.NewRequest("3") with { Overrides = new RunOverrides { AddHistoryToContext = true } });

        Assert.Equal(["user: 2"], engine.Model.Calls[1].Texts);
        Assert.Equal(["user: 1", "assistant: a", "user: 2", "assistant: b", "user: 3"], engine.Model.Calls[2].Texts);
    }

    [Fact]
    public async Task History_is_shown_but_not_stored_again()
    {
        await using var engine = new TestEngine(new Agent { History = new HistorySettings { AddToContext = true } });
        engine.Model.Answer("a").Answer("b");
        await engine.RunAsync("1");
        var run = await engine.RunAsync("2");

        var stored = (await engine.Host.FindAsync(run.RunId, Patience.Token))!.Output;

        Assert.Equal([true, true, false, false], run.Messages!.Value.Select(message => message.FromHistory));
        Assert.Equal(["2", "b"], stored.Messages!.Value.Select(message => message.Content));
    }

    [Fact]
    public async Task Runs_that_failed_paused_or_belong_to_another_run_are_not_shown()
    {
        var ask = Tool.Create(() => 1, new ToolOptions { Name = "ask", RequiresConfirmation = true });
        await using var engine = new TestEngine(new Agent { Tools = [ask], History = new HistorySettings { AddToContext = true } });
        engine.Model.Answer(call => call.Fail(new IOException("down"))).AnswerWithCall("ask").Answer("child").Answer("good").Answer("last");
        await engine.RunAsync("failed");
        await engine.RunAsync("paused");
        await engine.RunAsync(engine.NewRequest("of another") with { ParentRunId = "parent" });
        await engine.RunAsync("fine");

        await engine.RunAsync("now");

        Assert.Equal(["user: fine", "assistant: good", "user: now"], engine.Model.Calls[^1].Texts);
    }

    [Theory]
    [InlineData(0, new[] { "user: 1", "assistant: re 1", "user: 2", "assistant: re 2" })]
    [InlineData(1, new[] { "user: 1", "assistant: re 1", "user: 2", "assistant: [look]", "tool: saw 2", "assistant: re 2" })]
    [InlineData(9, new[] { "user: 1", "assistant: [look]", "tool: saw 1", "assistant: re 1", "user: 2", "assistant: [look]", "tool: saw 2", "assistant: re 2" })]
    public async Task Only_so_many_tool_calls_are_kept(int calls, string[] expected)
    {
        await using var engine = new TestEngine(new Agent { Tools = [Look], History = new HistorySettings { AddToContext = true, MaxToolCalls = calls } });
        engine.Model.Otherwise = call => (call.HasToolResults || call.Input == "now" ? call.Say($"re {call.Input}") : call.Use("look", new { at = call.Input })).End();
        await engine.RunAsync("1");
        await engine.RunAsync("2");

        await engine.RunAsync("now");

        Assert.Equal([.. expected, "user: now"], engine.Model.Calls[^1].Texts);
    }

    [Fact]
    public async Task A_tool_result_is_never_shown_without_its_call()
    {
        await using var engine = new TestEngine(new Agent { Tools = [Look], History = new HistorySettings { AddToContext = true, Messages = 2 } });
        engine.Model.AnswerWithCall("look", new { at = "1" }).Answer("re 1").Answer("re now");
        await engine.RunAsync("1");

        await engine.RunAsync("now");

        Assert.Equal(["assistant: re 1", "user: now"], engine.Model.Calls[^1].Texts);
    }
}
