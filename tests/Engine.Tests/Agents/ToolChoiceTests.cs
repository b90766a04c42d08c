using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Tests.Agents;

public sealed class ToolChoiceTests
{
    private static readonly Tool Look = Tool.Create(() => "nothing", new ToolOptions { Name = "look" });

    [Theory]
    [InlineData("required")]
    [InlineData("look")]
    public async Task A_model_that_must_call_a_tool_may_answer_once_it_has_a_result(string choice)
    {
        await using var engine = new TestEngine(new Agent { Tools = [Look], ToolCalls = new ToolCallSettings { Choice = choice } });
        engine.Model.Otherwise = AnswerWhenFree;

        var first = await engine.RunAsync();
        var second = await engine.RunAsync();

        Assert.Equal(("seen", "seen"), (first.Content?.Text, second.Content?.Text));
        var must = choice == "look" ? ChatToolMode.RequireSpecific("look") : ChatToolMode.RequireAny;
        Assert.Equal([must, ChatToolMode.Auto, must, ChatToolMode.Auto], engine.Model.Calls.Select(call => call.Options.ToolMode));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("auto")]
    [InlineData("required")]
    [InlineData("look")]
    public async Task Beyond_the_limit_of_calls_the_model_sees_its_tools_and_may_only_answer(string? choice)
    {
        await using var engine = new TestEngine(new Agent { Tools = [Look], ToolCalls = new ToolCallSettings { Choice = choice, Limit = 1 } });
        engine.Model.AnswerWithCall("look").Answer("seen");

        await engine.RunAsync();

        Assert.NotEqual(ChatToolMode.None, engine.Model.Calls[0].Options.ToolMode);
        Assert.Equal(ChatToolMode.None, engine.Model.Calls[1].Options.ToolMode);
        Assert.Equal("look", Assert.Single(engine.Model.Calls[1].Options.Tools!).Name);
    }

    [Fact]
    public async Task A_run_that_never_comes_to_an_answer_ends_with_an_error()
    {
        await using var engine = new TestEngine(new Agent { Tools = [Look], ToolCalls = new ToolCallSettings { MaxModelCalls = 3 } });
        engine.Model.Otherwise = call => call.Use("look").End();

        var events = await engine.StreamAsync();

        Assert.Equal(3, engine.Model.Calls.Count);
        var error = Assert.IsType<RunError>(events[^1]);
        Assert.Equal("The run has asked its model 3 times without an end. Raise MaxModelCalls (3) if it needs more.", error.Content);
        Assert.Equal("ModelCallLimitError", error.ErrorType);
    }

    [Fact]
    public async Task A_run_may_ask_its_model_a_hundred_times()
    {
        await using var engine = new TestEngine(new Agent { Tools = [Look], ToolCalls = new ToolCallSettings { MaxRepetitions = null } });
        engine.Model.Otherwise = call => call.Use("look").End();

        var run = await engine.RunAsync();

        Assert.Equal((RunStatus.Error, 100), (run.Status, engine.Model.Calls.Count));
    }

    private static void AnswerWhenFree(ModelCall call) => (call.Options.ToolMode is RequiredChatToolMode ? call.Use("look") : call.Say("seen")).End();
}
