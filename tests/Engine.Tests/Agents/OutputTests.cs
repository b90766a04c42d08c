using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Tests.Agents;

public sealed class OutputTests
{
    private static readonly JsonElement Film = Builders.Json("""{"title":"Alien","year":1979}""");

    [Fact]
    public async Task An_answer_that_fits_the_schema_becomes_an_object_and_is_told_whole()
    {
        await using var engine = new TestEngine(new Agent { Output = new OutputSettings { Schema = OutputSchema.Of<Movie>() } });
        engine.Model.Answer("""{"title":"Ali""", """en","year":1979}""");

        var events = await engine.StreamAsync();

        Assert.Equal("RunStarted ModelRequestStarted RunContent ModelRequestCompleted RunContentCompleted RunCompleted", events.Order());
        var content = Assert.Single(events.OfType<RunContent>());
        Assert.Equal((Film.GetRawText(), "Movie"), (content.Content!.Json!.Value.GetRawText(), content.ContentType));
        var completed = (RunCompleted)events[^1];
        Assert.Equal((Film.GetRawText(), "Movie"), (completed.Content!.Json!.Value.GetRawText(), completed.ContentType));
        Builders.AssertGapless(events);
    }

    [Fact]
    public async Task A_later_reader_gets_the_object_too()
    {
        await using var engine = new TestEngine(new Agent { Output = new OutputSettings { Schema = OutputSchema.Of<Movie>() } });
        engine.Model.Answer(Film.GetRawText());
        var live = await engine.StreamAsync();

        var stored = RunEventLog.ToPublic(await engine.LogAsync(((AgentEvent)live[0]).RunId!)).ToList();

        Assert.Equal(live.Select(Json.Frames.Write), stored.Select(Json.Frames.Write));
    }

    [Theory]
    [InlineData("Here it is:\n```json\n{\"title\":\"Alien\",\"year\":1979}\n```\nEnjoy!")]
    [InlineData("The film is {\"title\":\"Alien\",\"year\":1979}, I think.")]
    public async Task An_object_is_found_among_words(string text)
    {
        await using var engine = new TestEngine(new Agent { Output = new OutputSettings { Schema = OutputSchema.Of<Movie>() } });
        engine.Model.Answer(text);

        Assert.Equal(Film.GetRawText(), (await engine.RunAsync()).Content!.Json!.Value.GetRawText());
    }

    [Theory]
    [InlineData("no idea")]
    [InlineData("""{"title":"Alien"}""")]
    [InlineData("""{"title":"Alien","year":"1979"}""")]
    [InlineData("""{"title":"Alien","year":1979,"rating":5}""")]
    public async Task An_answer_that_does_not_fit_stays_a_text(string text)
    {
        await using var engine = new TestEngine(new Agent { Output = new OutputSettings { Schema = OutputSchema.Of<Movie>() } });
        engine.Model.Answer(text);

        var run = await engine.RunAsync();

        Assert.Equal((text, "str", RunStatus.Completed), (run.Content?.Text, run.ContentType, run.Status));
    }

    [Fact]
    public async Task A_request_brings_its_own_schema()
    {
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer("""{"a":"b"}""");
        var schema = Builders.Json("""{"type":"json_schema","json_schema":{"name":"T","schema":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}}}""");

        var run = await engine.RunAsync(engine.NewRequest() with { Overrides = new RunOverrides { OutputSchema = schema } });

        Assert.Equal(("""{"a":"b"}""", "dict"), (run.Content!.Json!.Value.GetRawText(), run.ContentType));
        Assert.Contains("<json_fields>\n[\"a\"]\n</json_fields>", engine.Model.Calls[0].SystemText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_that_is_no_object_is_refused()
    {
        await using var engine = new TestEngine(new Agent());

        await Assert.ThrowsAsync<InvalidRequestException>(() =>
            engine.RunAsync(engine.NewRequest() with { Overrides = new RunOverrides { OutputSchema = Builders.Json("[]") } }));
    }

    [Theory]
    [InlineData(StructuredOutput.Native, false, true, false)]
    [InlineData(StructuredOutput.Native, true, false, true)]
    [InlineData(StructuredOutput.JsonMode, false, false, true)]
    public async Task A_provider_that_can_is_held_to_the_schema(StructuredOutput ability, bool useJsonMode, bool sendsSchema, bool prompts)
    {
        using var client = new ChannelChatClient();
        await using var engine = new TestEngine(
            new Agent
            {
                Model = TestEngine.NewModel(client) with { StructuredOutput = ability },
                Output = new OutputSettings { Schema = OutputSchema.Of<Movie>(), UseJsonMode = useJsonMode },
            });
        client.Answer(Film.GetRawText());

        await engine.RunAsync();

        var format = Assert.IsType<ChatResponseFormatJson>(client.Calls[0].Options.ResponseFormat);
        Assert.Equal(sendsSchema, format.Schema is not null);
        Assert.Equal(prompts, client.Calls[0].SystemText?.Contains("<json_fields>", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_model_that_calls_tools_before_it_answers_is_heard_once()
    {
        await using var engine = new TestEngine(new Agent
        {
            Tools = [Tool.Create(() => "found", new ToolOptions { Name = "look" })],
            Output = new OutputSettings { Schema = OutputSchema.Of<Movie>() },
        });
        engine.Model.AnswerWithCall("look").Answer(Film.GetRawText());

        var run = await engine.RunAsync();

        Assert.Equal(Film.GetRawText(), run.Content!.Json!.Value.GetRawText());
    }

    [Fact]
    public async Task A_parser_model_makes_the_object_and_its_cost_is_counted_apart()
    {
        using var parser = new ChannelChatClient();
        await using var engine = new TestEngine(new Agent
        {
            Output = new OutputSettings { Schema = OutputSchema.Of<Movie>(), ParserModel = TestEngine.NewModel(parser) with { Id = "parser" } },
        });
        engine.Model.Answer("Alien, ", "of 1979");
        parser.Answer(Film.GetRawText());

        var events = await engine.StreamAsync();

        Assert.Equal(
            "RunStarted ModelRequestStarted RunContent ModelRequestCompleted ParserModelResponseStarted RunContent ParserModelResponseCompleted RunContentCompleted RunCompleted",
            events.Order());
        Assert.Equal("Alien, of 1979", parser.Calls[0].Input);
        var completed = (RunCompleted)events[^1];
        Assert.Equal("Movie", completed.ContentType);
        Assert.Equal(["model", "parser_model"], completed.Metrics!.Details!.Keys);
        Assert.Equal(20, completed.Metrics.InputTokens);
        Builders.AssertGapless(events);
    }

    [Fact]
    public async Task An_output_model_words_the_answer_and_the_first_words_are_intermediate()
    {
        using var writer = new ChannelChatClient();
        await using var engine = new TestEngine(new Agent { Output = new OutputSettings { OutputModel = TestEngine.NewModel(writer), OutputModelPrompt = "Be brief." } });
        engine.Model.Answer("A long ", "answer");
        writer.Answer("Short");

        var events = await engine.StreamAsync();

        Assert.Equal(2, events.OfType<RunIntermediateContent>().Count());
        Assert.Equal("Short", events.Text());
        Assert.Equal("Be brief.", writer.Calls[0].SystemText);
        Assert.Equal("Short", ((RunCompleted)events[^1]).Content?.Text);
        Builders.AssertGapless(events);
    }

    [Fact]
    public async Task An_output_model_that_fails_ends_the_run()
    {
        using var writer = new ChannelChatClient();
        await using var engine = new TestEngine(new Agent { Output = new OutputSettings { OutputModel = TestEngine.NewModel(writer) } });
        engine.Model.Answer("A long answer");
        writer.Answer(call => call.Fail(new ModelException("down")));

        var run = await engine.RunAsync();

        Assert.Equal((RunStatus.Error, "down"), (run.Status, run.Content?.Text));
    }

    [Fact]
    public async Task Suggestions_are_told_and_kept_with_the_run()
    {
        await using var engine = new TestEngine(new Agent { Output = new OutputSettings { Followups = new FollowupSettings { Count = 2 } } });
        engine.Model.Answer("Rome").Answer("""{"suggestions":["How old is it?","Who lives there?","One too many"]}""");

        var events = await engine.StreamAsync();

        Assert.Equal(
            "RunStarted ModelRequestStarted RunContent ModelRequestCompleted FollowupsStarted FollowupsCompleted RunContentCompleted RunCompleted", events.Order());
        var run = (await engine.Host.FindAsync(((AgentEvent)events[0]).RunId!, Patience.Token))!.Output;
        Assert.Equal(["How old is it?", "Who lives there?"], run.Followups!.Value);
        Assert.Equal("Rome", run.Content?.Text);
    }

    [Fact]
    public async Task An_input_that_does_not_fit_the_schema_is_refused_and_leaves_nothing()
    {
        await using var engine = new TestEngine(new Agent { InputSchema = OutputSchema.Of<Movie>().Schema });

        var refusal = await Assert.ThrowsAsync<InvalidRequestException>(() => engine.RunAsync("""{"title":"Alien"}"""));

        Assert.Contains("lacks the member 'year'", refusal.Message, StringComparison.Ordinal);
        Assert.Null(await engine.Store.FindAsync(TestEngine.SessionId, Patience.Token));
    }

    [Fact]
    public async Task A_request_changes_the_settings_of_its_model_calls()
    {
        await using var engine = new TestEngine(new Agent { ModelOptions = new ChatOptions { Temperature = 1, MaxOutputTokens = 5 } });
        engine.Model.Answer("ok");

        await engine.RunAsync(engine.NewRequest() with { Overrides = new RunOverrides { ModelParameters = new ModelParameters { Temperature = 0.25f, Stop = ["END"] } } });

        var options = engine.Model.Calls[0].Options;
        Assert.Equal((0.25f, 5, "END"), (options.Temperature, options.MaxOutputTokens, options.StopSequences![0]));
    }

    public sealed record Movie(string Title, int Year);
}
