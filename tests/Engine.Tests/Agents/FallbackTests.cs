using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Tests.Agents;

public sealed class FallbackTests : IDisposable
{
    private readonly ChannelChatClient _second = new();
    private readonly ChannelChatClient _third = new();

    [Fact]
    public async Task Another_model_answers_for_one_that_fails_and_what_was_said_before_is_not_part_of_the_answer()
    {
        await using var engine = NewEngine(models => new FallbackSettings { OnError = models });
        engine.Model.Answer(call => call.Say("wro").Fail(new ModelException("down")));
        _second.Answer("right");

        var events = await engine.StreamAsync();

        Assert.Equal("RunStarted ModelRequestStarted RunContent ModelRequestStarted RunContent ModelRequestCompleted RunContentCompleted RunCompleted", events.Order());
        var completed = (RunCompleted)events[^1];
        Assert.Equal("right", completed.Content?.Text);
        Assert.Equal("second", Assert.Single(completed.Metrics!.Details!["model"]).Id);
        Builders.AssertGapless(events);
    }

    [Fact]
    public async Task The_models_are_asked_in_order_and_the_last_failure_ends_the_run()
    {
        await using var engine = NewEngine(models => new FallbackSettings { OnError = models });
        engine.Model.Answer(call => call.Fail(new ModelException("one")));
        _second.Answer(call => call.Fail(new ModelException("two")));
        _third.Answer(call => call.Fail(new ModelException("three")));

        var run = await engine.RunAsync();

        Assert.Equal((RunStatus.Error, "three"), (run.Status, run.Content?.Text));
    }

    [Fact]
    public async Task The_kind_of_failure_chooses_the_list()
    {
        await using var engine = NewEngine(models => new FallbackSettings { OnError = [models[0]], OnRateLimit = [models[1]] });
        engine.Model.Answer(call => call.Fail(new ModelException("slow down") { Kind = ModelErrorKind.RateLimit }));
        _third.Answer("patient");

        Assert.Equal("patient", (await engine.RunAsync()).Content?.Text);
    }

    [Fact]
    public async Task A_request_that_is_refused_is_not_asked_of_others()
    {
        await using var engine = NewEngine(models => new FallbackSettings { OnError = models });
        engine.Model.Answer(call => call.Fail(new ModelException("bad request") { Kind = ModelErrorKind.Refused }));

        Assert.Equal("bad request", (await engine.RunAsync()).Content?.Text);
        Assert.Empty(_second.Calls);
    }

    [Fact]
    public async Task The_next_question_goes_to_the_agents_own_model_again()
    {
        var tool = Tool.Create(() => "seen", new ToolOptions { Name = "look" });
        await using var engine = NewEngine(models => new FallbackSettings { OnError = models }, tool);
        engine.Model.Answer(call => call.Fail(new ModelException("down"))).Answer("done");
        _second.AnswerWithCall("look");

        Assert.Equal("done", (await engine.RunAsync()).Content?.Text);
    }

    [Fact]
    public async Task A_successor_asks_the_model_that_stands_in()
    {
        await using var engine = NewEngine(models => new FallbackSettings { OnError = models });
        engine.Model.Answer(call => call.Fail(new ModelException("down")));
        _second.Answer("right");
        var run = await engine.RunAsync();
        var log = await engine.LogAsync(run.RunId);
        var fellBack = log.FindIndex(next => next is ModelFellBack);
        var store = await CrashScene.StoreAsync([.. log[..(fellBack + 1)]]);
        _second.Answer("right again");

        await using var successor = new TestEngine(engine.Agent, store);
        var owner = await RunOwner.TakeOverAsync(successor.Services, (await store.ReadAsync(run.RunId, Patience.Token))!, Patience.Token);
        await owner.TurnAsync(Patience.Token);

        Assert.Equal("right again", owner.State.Output.Content?.Text);
    }

    [Fact]
    public async Task The_same_question_is_answered_from_the_cache_until_its_time_is_over()
    {
        var time = new ManualTime();
        await using var engine = new TestEngine(new Agent { ResponseCache = new ResponseCacheSettings { TimeToLive = TimeSpan.FromMinutes(1) } }, time: time);
        engine.Model.Answer("once").Answer("twice");

        var first = await engine.RunAsync(sessionId: "a");
        var second = await engine.RunAsync(sessionId: "b");
        time.Advance(TimeSpan.FromMinutes(2));
        var third = await engine.RunAsync(sessionId: "c");

        Assert.Equal(("once", "once", "twice"), (first.Content?.Text, second.Content?.Text, third.Content?.Text));
        Assert.Equal(2, engine.Model.Calls.Count);
    }

    public static TheoryData<string> Options =>
    [
        "Temperature", "TopP", "TopK", "MaxOutputTokens", "Seed", "FrequencyPenalty", "PresencePenalty", "StopSequences", "Reasoning", "ResponseFormat", "AllowMultipleToolCalls", "Instructions",
        "AdditionalProperties",
    ];

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Whatever_changes_an_answer_makes_another_question_of_it(string option)
    {
        var agent = new Agent { ResponseCache = new ResponseCacheSettings() };
        await using var plain = new TestEngine(agent);
        await using var varied = new TestEngine(agent with { ModelOptions = With(option) }, configure: services => services with { Cache = plain.Cache });
        plain.Model.Answer("one");
        varied.Model.Answer("two").Answer("three");

        Assert.Equal("one", (await plain.RunAsync("first")).Content?.Text);
        Assert.Equal("two", (await varied.RunAsync("first")).Content?.Text);
        Assert.Equal("two", (await varied.RunAsync("first", "other")).Content?.Text);
    }

    [Fact]
    public async Task An_answer_to_options_that_nobody_can_compare_is_not_kept()
    {
        await using var engine = new TestEngine(new Agent { ResponseCache = new ResponseCacheSettings(), ModelOptions = new ChatOptions { RawRepresentationFactory = _ => new object() } });
        engine.Model.Answer("one").Answer("two");

        Assert.Equal("one", (await engine.RunAsync("first")).Content?.Text);
        Assert.Equal("two", (await engine.RunAsync("first", "other")).Content?.Text);
    }

    private static ChatOptions With(string option)
    {
        var options = new ChatOptions();
        var property = typeof(ChatOptions).GetProperty(option)!;
        property.SetValue(options, option switch
        {
            "StopSequences" => new List<string> { "stop" },
            "Reasoning" => new ReasoningOptions { Effort = ReasoningEffort.High },
            "ResponseFormat" => ChatResponseFormat.Json,
            "AllowMultipleToolCalls" => true,
            "Instructions" => "Be brief.",
            "AdditionalProperties" => new AdditionalPropertiesDictionary { ["top_a"] = 0.5 },
            "Seed" => 7L,
            "TopK" or "MaxOutputTokens" => 7,
            _ => 0.5f,
        });
        return options;
    }

    [Fact]
    public async Task Another_question_is_not_answered_from_the_cache()
    {
        await using var engine = new TestEngine(new Agent { ResponseCache = new ResponseCacheSettings() });
        engine.Model.Answer("one").Answer("two");

        Assert.Equal("one", (await engine.RunAsync("first", "a")).Content?.Text);
        Assert.Equal("two", (await engine.RunAsync("second", "b")).Content?.Text);
    }

    public void Dispose()
    {
        _second.Dispose();
        _third.Dispose();
    }

    private TestEngine NewEngine(Func<System.Collections.Immutable.ImmutableArray<ModelSource>, FallbackSettings> settings, params Tool[] tools) => new(new Agent
    {
        Tools = [.. tools],
        Fallbacks = settings([TestEngine.NewModel(_second) with { Id = "second" }, TestEngine.NewModel(_third) with { Id = "third" }]),
    });
}
