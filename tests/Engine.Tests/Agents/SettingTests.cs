using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Tests.Agents;

/// <summary>Settings that other tests only read, each by what it does.</summary>
public sealed class SettingTests : IDisposable
{
    private const string Film = """{"title":"Alien","year":1979}""";

    private readonly ChannelChatClient _other = new();

    public void Dispose() => _other.Dispose();

    [Theory]
    [InlineData("helper", "The Helper", "helper")]
    [InlineData(null, "The Helper", "the-helper")]
    [InlineData(null, null, "agent")]
    public async Task An_agent_is_asked_for_by_its_id_or_what_its_name_makes_of_it_and_its_runs_are_called_after_it(string? id, string? name, string known)
    {
        await using var engine = new TestEngine(new Agent { Id = id, Name = name });
        engine.Model.Answer("ok");

        var run = await engine.RunAsync(engine.NewRequest() with { AgentId = known });

        Assert.Equal((known, name ?? string.Empty, RunStatus.Completed), (run.AgentId, run.AgentName, run.Status));
    }

    [Fact]
    public async Task An_answer_that_fits_the_schema_stays_a_text_when_the_agent_does_not_want_it_read()
    {
        await using var engine = new TestEngine(new Agent { Output = new OutputSettings { Schema = OutputSchema.Of<OutputTests.Movie>(), Parse = false } });
        engine.Model.Answer(Film);

        var run = await engine.RunAsync();

        Assert.Equal((Film, "str"), (run.Content?.Text, run.ContentType));
    }

    [Fact]
    public async Task A_parser_model_is_told_the_words_of_the_agent()
    {
        await using var engine = new TestEngine(new Agent
        {
            Output = new OutputSettings { Schema = OutputSchema.Of<OutputTests.Movie>(), ParserModel = TestEngine.NewModel(_other), ParserModelPrompt = "Find the film." },
        });
        engine.Model.Answer("Alien, of 1979");
        _other.Answer(Film);

        await engine.RunAsync();

        Assert.StartsWith("Find the film.", _other.Calls[0].SystemText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Suggestions_are_made_by_the_model_for_them()
    {
        await using var engine = new TestEngine(new Agent { Output = new OutputSettings { Followups = new FollowupSettings { Model = TestEngine.NewModel(_other) } } });
        engine.Model.Answer("Rome");
        _other.Answer("""{"suggestions":["How old is it?"]}""");

        var run = await engine.RunAsync();

        Assert.Equal(["How old is it?"], run.Followups!.Value);
        Assert.Single(engine.Model.Calls);
        Assert.Contains("Rome", _other.Calls[0].Input, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task As_many_suggestions_are_asked_for_and_kept_as_the_agent_wants(int count)
    {
        await using var engine = new TestEngine(new Agent { Output = new OutputSettings { Followups = count == 3 ? new FollowupSettings() : new FollowupSettings { Count = count } } });
        engine.Model.Answer("Rome").Answer("""{"suggestions":["1","2","3","4","5","6"]}""");

        var run = await engine.RunAsync();

        Assert.Equal(count, run.Followups!.Value.Length);
        Assert.Contains($"Suggest {count} ", engine.Model.Calls[1].SystemText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_settings_of_model_calls_reach_the_model()
    {
        await using var engine = new TestEngine(new Agent
        {
            ModelOptions = new ChatOptions { Temperature = 0.5f, TopP = 0.9f, MaxOutputTokens = 100, Seed = 7, StopSequences = ["END"] },
        });
        engine.Model.Answer("ok");

        await engine.RunAsync();

        var options = engine.Model.Calls[0].Options;
        Assert.Equal((0.5f, 0.9f, 100, 7L, "END"), (options.Temperature, options.TopP, options.MaxOutputTokens, options.Seed, options.StopSequences!.Single()));
    }

    [Theory]
    [InlineData(ModelErrorKind.Error, "on error")]
    [InlineData(ModelErrorKind.RateLimit, "on rate limit")]
    [InlineData(ModelErrorKind.ContextLength, "on context length")]
    public async Task Each_kind_of_failure_has_models_of_its_own(ModelErrorKind kind, string expected)
    {
        await using var engine = new TestEngine(new Agent
        {
            Context = new Engine.Contexts.ContextSettings { EmergencyCompaction = false },
            Fallbacks = new FallbackSettings { OnError = [Saying("on error")], OnRateLimit = [Saying("on rate limit")], OnContextLength = [Saying("on context length")] },
        });
        engine.Model.Answer(call => call.Fail(new ModelException("no") { Kind = kind }));

        Assert.Equal(expected, (await engine.RunAsync()).Content?.Text);
    }

    private static ChatModel Saying(string text) => TestEngine.NewModel(new ChannelChatClient { Otherwise = call => call.Say(text).End() });
}
