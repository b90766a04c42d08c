using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Reasoning;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Agents;

public sealed class ReasoningTests
{
    private const string First = """{"reasoning_steps":[{"title":"Look","reasoning":"because","action":"I look","result":"found","next_action":"continue","confidence":0.7}]}""";
    private const string Last = """{"reasoning_steps":[{"title":"Check","next_action":"final_answer"}]}""";

    [Fact]
    public async Task An_agent_takes_steps_until_one_is_the_last_and_then_answers()
    {
        await using var engine = new TestEngine(new Agent { Reasoning = new ReasoningSettings() });
        engine.Model.Answer(First).Answer($"```json\n{Last}\n```").Answer("42");

        var events = await engine.StreamAsync("why?");

        Assert.Equal(
            "RunStarted ReasoningStarted ReasoningStep ReasoningStep ReasoningCompleted ModelRequestStarted RunContent ModelRequestCompleted RunContentCompleted RunCompleted", events.Order());
        Builders.AssertGapless(events);
        var steps = events.OfType<ReasoningStep>().ToArray();
        Assert.Equal(new ReasoningStepContent { Title = "Look", Reasoning = "because", Action = "I look", Result = "found", NextAction = "continue", Confidence = 0.7 }, steps[0].Content);
        Assert.Equal("## Look\nbecause\nAction: I look\nResult: found\n\n## Check\n\n", steps[1].ReasoningContent);
        Assert.Equal(steps.Select(step => step.Content), ((ReasoningCompleted)events[4]).Content.ReasoningSteps);
        Assert.Equal("assistant: <thinking>\n## Look\nbecause\nAction: I look\nResult: found\n\n## Check\n</thinking>", engine.Model.Calls[2].Texts[^1]);
        Assert.Equal("user: Take the next step.", engine.Model.Calls[1].Texts[^1]);
    }

    [Fact]
    public async Task What_was_thought_is_in_the_output_and_its_cost_apart_from_the_answers()
    {
        await using var engine = new TestEngine(new Agent { Reasoning = new ReasoningSettings() });
        engine.Model.Answer(First).Answer(Last).Answer("42");

        var run = await engine.RunAsync();

        Assert.Equal(("42", 2), (run.Content?.Text, run.ReasoningSteps!.Value.Length));
        Assert.StartsWith("## Look", run.ReasoningContent, StringComparison.Ordinal);
        Assert.Equal(run.ReasoningMessages!.Value.Single(), run.Messages!.Value[^2]);
        Assert.Equal((20L, 10L, 30L), (run.Metrics!.Details!["reasoning_model"][0].InputTokens, run.Metrics.Details["model"][0].InputTokens, run.Metrics.InputTokens));
    }

    [Fact]
    public async Task Later_runs_are_not_shown_what_was_thought()
    {
        await using var engine = new TestEngine(new Agent { Reasoning = new ReasoningSettings(), History = new HistorySettings { AddToContext = true } });
        engine.Model.Answer(Last).Answer("42").Answer(Last).Answer("43");

        await engine.RunAsync("one");
        await engine.RunAsync("two");

        Assert.Equal(["user: one", "assistant: 42", "user: two", "assistant: <thinking>\n## Check\n</thinking>"], engine.Model.Calls[3].Texts);
    }

    [Fact]
    public async Task A_last_step_that_comes_too_early_is_not_the_last()
    {
        await using var engine = new TestEngine(new Agent { Reasoning = new ReasoningSettings { MinSteps = 2 } });
        engine.Model.Answer(Last).Answer(Last).Answer("42");

        Assert.Equal(2, (await engine.RunAsync()).ReasoningSteps!.Value.Length);
    }

    [Fact]
    public async Task Thinking_ends_after_as_many_steps_as_are_allowed()
    {
        await using var engine = new TestEngine(new Agent { Reasoning = new ReasoningSettings { MaxSteps = 3 } });
        engine.Model.Otherwise = call => call.Say(call.Texts[0].Contains("reasoning_steps", StringComparison.Ordinal) ? First.Replace("[{", "[{},{", StringComparison.Ordinal) : "42").End();

        var run = await engine.RunAsync();

        Assert.Equal(("42", 3, 3), (run.Content?.Text, run.ReasoningSteps!.Value.Length, engine.Model.Calls.Count));
    }

    [Fact]
    public async Task A_new_beginning_forgets_the_steps_and_cannot_go_on_forever()
    {
        const string Reset = """{"reasoning_steps":[{"title":"Wrong","next_action":"reset"}]}""";
        await using var engine = new TestEngine(new Agent { Reasoning = new ReasoningSettings { MaxSteps = 3 } });
        engine.Model.Answer(First).Answer(Reset).Answer(Last).Answer("42");
        engine.Model.Answer(Reset).Answer(Reset).Answer(Reset).Answer("43");

        var run = await engine.RunAsync();
        var stubborn = await engine.RunAsync();

        Assert.Equal(["Check"], run.ReasoningSteps!.Value.Select(step => step.Title));
        Assert.Equal("## Check\n\n", run.ReasoningContent);
        Assert.Equal("43", stubborn.Content?.Text);
    }

    [Theory]
    [InlineData("I will not.")]
    [InlineData("""{"reasoning_steps":[]}""")]
    public async Task A_model_that_takes_no_steps_answers_at_once(string said)
    {
        await using var engine = new TestEngine(new Agent { Reasoning = new ReasoningSettings() });
        engine.Model.Answer(said).Answer("42");

        var events = await engine.StreamAsync();

        Assert.Equal("RunStarted ReasoningStarted ReasoningCompleted ModelRequestStarted RunContent ModelRequestCompleted RunContentCompleted RunCompleted", events.Order());
        Assert.Equal("42", ((RunCompleted)events[^1]).Content?.Text);
    }

    [Fact]
    public async Task A_reasoning_model_that_fails_does_not_keep_the_agent_from_answering()
    {
        var thinker = new ChannelChatClient().Answer(call => call.Fail(new ModelException("away")));
        await using var engine = new TestEngine(new Agent { Reasoning = new ReasoningSettings { Model = Thinker(thinker, reasons: true) } });
        engine.Model.Answer("42");

        Assert.Equal("42", (await engine.RunAsync()).Content?.Text);
    }

    [Fact]
    public async Task A_model_that_thinks_by_itself_is_heard_piece_by_piece()
    {
        var thinker = new ChannelChatClient().Answer(call => call.Think("hm").Think(", yes").Say("never heard").Cost(7, 3).End());
        await using var engine = new TestEngine(new Agent { Reasoning = new ReasoningSettings { Model = Thinker(thinker, reasons: true) } });
        engine.Model.Answer("42");

        var events = await engine.StreamAsync();
        var run = (await engine.Host.FindAsync(((AgentEvent)events[0]).RunId!, Patience.Token))!.Output;

        Assert.Equal(["hm", ", yes"], events.OfType<ReasoningContentDelta>().Select(delta => delta.ReasoningContent));
        Assert.Equal("hm, yes", Assert.Single(events.OfType<ReasoningCompleted>().Single().Content.ReasoningSteps).Result);
        Assert.Equal("assistant: <thinking>\nhm, yes\n</thinking>", engine.Model.Calls[0].Texts[^1]);
        Assert.Equal(("hm, yes", 7L), (run.ReasoningContent, run.Metrics!.Details!["reasoning_model"][0].InputTokens));
        await AssertRecordedAsync(engine, run, events);
    }

    [Fact]
    public async Task Tags_around_thoughts_are_no_part_of_them()
    {
        var thinker = new ChannelChatClient().Answer(call => call.Say("<thin", "king>a", "b</think", "ing>\n\nanswer").Cost(7, 3).End());
        await using var engine = new TestEngine(new Agent { Reasoning = new ReasoningSettings { Model = Thinker(thinker, reasons: true) } });
        engine.Model.Answer("42");

        Assert.Equal("ab", (await engine.RunAsync()).ReasoningContent);
    }

    [Fact]
    public async Task A_reasoning_model_that_does_not_think_by_itself_is_led()
    {
        var thinker = new ChannelChatClient().Answer(Last);
        await using var engine = new TestEngine(new Agent
        {
            Reasoning = new ReasoningSettings { Model = Thinker(thinker, reasons: false), Agent = new Agent { Instructions = "Think like a chess player." } },
        });
        engine.Model.Answer("42");

        Assert.Single((await engine.RunAsync()).ReasoningSteps!.Value);
        Assert.StartsWith("Think like a chess player.", thinker.Calls[0].SystemText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_of_think_and_analyze_are_steps()
    {
        var tool = Tool.Create((string title) => "ok", new ToolOptions { Name = "Think" });
        var analyze = Tool.Create((string title) => "ok", new ToolOptions { Name = "analyze" });
        await using var engine = new TestEngine(new Agent { Tools = [tool, analyze] });
        engine.Model.AnswerWithCall("Think", new { title = "T", thought = "hm", action = "look", confidence = 0.5 })
            .AnswerWithCall("analyze", new { title = "A", result = "r", analysis = "fine", next_action = "final_answer" }).Answer("42");

        var events = await engine.StreamAsync();

        Assert.Equal(
            "RunStarted ModelRequestStarted ModelRequestCompleted ToolCallStarted ToolCallCompleted ReasoningStarted ReasoningStep "
            + "ModelRequestStarted ModelRequestCompleted ToolCallStarted ToolCallCompleted ReasoningStep "
            + "ModelRequestStarted RunContent ModelRequestCompleted ReasoningCompleted RunContentCompleted RunCompleted",
            events.Order());
        Assert.Equal(
            [
                new ReasoningStepContent { Title = "T", Reasoning = "hm", Action = "look", NextAction = "continue", Confidence = 0.5 },
                new ReasoningStepContent { Title = "A", Result = "r", Reasoning = "fine", NextAction = "final_answer" },
            ],
            ((RunCompleted)events[^1]).ReasoningSteps!.Value);
    }

    [Fact]
    public async Task Thinking_that_is_on_record_is_not_done_again_wherever_the_owner_dies()
    {
        var agent = new Agent { Reasoning = new ReasoningSettings(), Tools = [Tool.Create((string title) => "ok", new ToolOptions { Name = "think", Effect = ToolEffect.Pure })] };
        await using var whole = new TestEngine(agent, model: Scripted());
        var run = await whole.RunAsync();
        ImmutableArray<RunEvent> log = [.. await whole.LogAsync(run.RunId)];

        for (var length = 1; length <= log.Length; length++)
        {
            var model = Scripted();
            var output = await ResumeAsync(agent, log[..length], model);

            var stepsBefore = log[..length].OfType<ReasoningStep>().Count();
            var thinking = model.Calls.Count(call => call.Texts[0].Contains("reasoning_steps", StringComparison.Ordinal));
            Assert.Equal((RunStatus.Completed, "done"), (output.Status, output.Content?.Text));
            Assert.Equal(["Look", "Check", "T"], output.ReasoningSteps!.Value.Select(step => step.Title));
            Assert.Equal(Math.Max(0, 2 - stepsBefore), thinking);
            Assert.Equal(run.Messages!.Value.Select(message => message.Content), output.Messages!.Value.Select(message => message.Content));
        }
    }

    private static async Task<RunOutput> ResumeAsync(Agent agent, ImmutableArray<RunEvent> prefix, ChannelChatClient model)
    {
        await using var engine = new TestEngine(agent, await CrashScene.StoreAsync(prefix), model: model);
        var runId = prefix.RunId();
        var owner = await RunOwner.TakeOverAsync(engine.Services, (await engine.Store.ReadAsync(runId, Patience.Token))!, Patience.Token);
        await owner.TurnAsync(Patience.Token);
        Builders.AssertGapless(RunEventLog.ToPublic(await engine.LogAsync(runId)));
        return owner.State.Output;
    }

    private static async Task AssertRecordedAsync(TestEngine engine, RunOutput run, IEnumerable<RunEvent> events) =>
        Assert.Equal(events.Select(Json.Frames.Write), RunEventLog.ToPublic(await engine.LogAsync(run.RunId)).Select(Json.Frames.Write));

    private static ModelSource Thinker(ChannelChatClient client, bool reasons) => TestEngine.NewModel(client) with { Id = "thinker", Reasons = reasons };

    /// <summary>Looks at what it is asked, so that it answers a successor as it answered the first owner.</summary>
    private static ChannelChatClient Scripted() => new()
    {
        Otherwise = call =>
        {
            var isThinking = call.Texts[0].Contains("reasoning_steps", StringComparison.Ordinal);
            var said = isThinking ? call.Say(call.Texts[^1] == "user: Take the next step." ? Last : First)
                : call.HasToolResults ? call.Say("done") : call.Use("think", new { title = "T", thought = "t" }, "call_1");
            said.Cost(1, 1).End();
        },
    };
}
