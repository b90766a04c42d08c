using Cluster.Engine.Agents;
using Cluster.Engine.Contexts;
using Cluster.Engine.Messages;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Tests.Contexts;

public sealed class CompactionTests
{
    private const string Request = "find the bug";
    private static readonly string LongResult = string.Join(' ', Enumerable.Repeat("word", 500));

    [Fact]
    public async Task Old_results_are_replaced_by_a_note_when_the_conversation_is_long()
    {
        await using var engine = NewEngine(new ContextSettings { Window = 2_000, MicroCompaction = new MicroCompactionSettings { KeepResults = 1 } });
        engine.Model.AnswerWithCall("read", new { path = "a.cs" }).AnswerWithCall("read", new { path = "b.cs" }).Answer("found");

        var run = await engine.RunAsync(Request);

        var shown = engine.Model.Calls[^1].Texts.Where(text => text.StartsWith("tool", StringComparison.Ordinal)).ToArray();
        Assert.Equal("tool: [The result of read was taken out to make room, 2499 characters. Call read again with {\"path\":\"a.cs\"} if it is needed.]", shown[0]);
        Assert.Equal($"tool: {LongResult}", shown[1]);
        Assert.All(Results(run), message => Assert.Equal(LongResult, message.Content));
    }

    [Fact]
    public async Task Old_results_stay_while_the_conversation_is_short()
    {
        await using var engine = NewEngine(new ContextSettings { Window = 20_000, MicroCompaction = new MicroCompactionSettings { KeepResults = 1 } });
        engine.Model.AnswerWithCall("read").AnswerWithCall("read").Answer("found");

        await engine.RunAsync(Request);

        Assert.Equal(2, engine.Model.Calls[^1].Texts.Count(text => text == $"tool: {LongResult}"));
    }

    [Fact]
    public async Task A_long_conversation_is_summarised_and_the_run_keeps_it()
    {
        var summariser = Summariser();
        await using var engine = NewEngine(Automatic(summariser));
        engine.Model.AnswerWithCall("read").AnswerWithCall("read").Answer("found");

        var run = await engine.RunAsync(Request);

        var shown = engine.Model.Calls[^1].Texts;
        Assert.Equal(["system: You debug.", $"user: {Summarised("a.cs is fine")}", "assistant: [read]", $"tool: {LongResult}"], shown);
        Assert.Equal([Request, LongResult, LongResult, "found"], run.Messages!.Value.Skip(1).Where(message => message.Content is not null).Select(message => message.Content));
    }

    [Fact]
    public async Task The_summary_is_made_of_what_it_stands_for_and_of_the_summary_before_it()
    {
        var summariser = Summariser();
        await using var engine = NewEngine(Automatic(summariser));
        engine.Model.AnswerWithCall("read", new { path = "first.cs" }).AnswerWithCall("read", new { path = "second.cs" }).AnswerWithCall("read").Answer("found");

        await engine.RunAsync(Request);

        Assert.Equal(2, summariser.Calls.Count);
        Assert.Contains("first.cs", summariser.Calls[0].Input, StringComparison.Ordinal);
        Assert.DoesNotContain("second.cs", summariser.Calls[0].Input, StringComparison.Ordinal);
        Assert.Contains("[summary of what was before]\na.cs is fine", summariser.Calls[1].Input, StringComparison.Ordinal);
        Assert.Contains("second.cs", summariser.Calls[1].Input, StringComparison.Ordinal);
        Assert.DoesNotContain("first.cs", summariser.Calls[1].Input, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_and_its_results_are_never_parted()
    {
        await using var engine = NewEngine(Automatic(Summariser()));
        engine.Model
            .AnswerWithCall("read")
            .Answer(call => call.Use("read", id: "1").Use("read", id: "2").Use("read", id: "3").End())
            .Answer("found");

        await engine.RunAsync(Request);

        var shown = engine.Model.Calls[^1].Messages;
        var asked = shown.SelectMany(message => message.Contents.OfType<FunctionCallContent>()).Select(call => call.CallId);
        var answered = shown.SelectMany(message => message.Contents.OfType<FunctionResultContent>()).Select(result => result.CallId);
        Assert.Equal(["1", "2", "3"], asked);
        Assert.Equal(asked, answered);
    }

    [Fact]
    public async Task The_cost_of_a_summary_stands_under_the_compression_model()
    {
        await using var engine = NewEngine(Automatic(Summariser()));
        engine.Model.AnswerWithCall("read").AnswerWithCall("read").Answer("found");

        var run = await engine.RunAsync(Request);

        Assert.Equal(70, run.Metrics!.Details![ModelUse.Compression].Single().InputTokens);
    }

    [Fact]
    public async Task A_summary_that_fails_costs_the_run_nothing()
    {
        var summariser = new ChannelChatClient { Otherwise = call => call.Fail(new ModelException("out of order")) };
        await using var engine = NewEngine(Automatic(summariser));
        engine.Model.AnswerWithCall("read").AnswerWithCall("read").Answer("found");

        var run = await engine.RunAsync(Request);

        Assert.Equal("found", run.Content?.Text);
        Assert.Single(summariser.Calls);
        Assert.Equal(2, engine.Model.Calls[^1].Texts.Count(text => text == $"tool: {LongResult}"));
    }

    [Fact]
    public async Task What_the_provider_counted_decides_when_it_is_near_the_estimate()
    {
        await using var engine = NewEngine(new ContextSettings { Window = 1_000, AutoCompaction = new AutoCompactionSettings { KeepMessages = 1 }, Model = TestEngine.NewModel(Summariser()) }, "fine");
        var input = string.Join(' ', Enumerable.Repeat("word", 500));
        engine.Model.Answer(call => call.Use("read").Cost(560, 5).End()).Answer(call => call.Use("read").Cost(900, 5).End()).Answer("found");

        await engine.RunAsync(input);

        Assert.DoesNotContain("summary_of_the_conversation", engine.Model.Calls[1].Texts[1], StringComparison.Ordinal);
        Assert.Contains("summary_of_the_conversation", engine.Model.Calls[^1].Texts[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_count_that_makes_no_sense_is_not_believed()
    {
        await using var engine = NewEngine(Automatic(Summariser()));
        engine.Model.Answer(call => call.Use("read").Cost(1_000_000, 5).End()).Answer("found");

        await engine.RunAsync(Request);

        Assert.Equal(["system: You debug.", $"user: {Request}", "assistant: [read]", $"tool: {LongResult}"], engine.Model.Calls[^1].Texts);
    }

    [Fact]
    public async Task The_model_can_have_the_conversation_summarised()
    {
        var summariser = Summariser();
        await using var engine = NewEngine(new ContextSettings { CompactionTool = true, Model = TestEngine.NewModel(summariser) });
        engine.Model.AnswerWithCall("read").AnswerWithCall("compact_conversation", new { focus = "the file names" }).Answer("found");

        await engine.RunAsync(Request);

        Assert.Contains("above all: the file names", summariser.Calls.Single().Input, StringComparison.Ordinal);
        Assert.Equal(
            ["system: You debug.", $"user: {Summarised("a.cs is fine")}", "assistant: [compact_conversation]", "tool: The conversation so far will be summarised. Kept will be: the file names"],
            engine.Model.Calls[^1].Texts);
    }

    [Fact]
    public async Task A_wish_without_anything_to_summarise_is_no_failure()
    {
        var summariser = Summariser();
        await using var engine = NewEngine(new ContextSettings { CompactionTool = true, Model = TestEngine.NewModel(summariser) });
        engine.Model.AnswerWithCall("compact_conversation").Answer("found");

        var run = await engine.RunAsync(Request);

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Empty(summariser.Calls);
    }

    [Theory]
    [InlineData(0.05, 1, 1)]
    [InlineData(0.05, 3, 0)]
    [InlineData(0.8, 1, 0)]
    public async Task A_conversation_is_summarised_from_the_share_of_the_window_on_that_the_agent_says_but_for_its_last_messages(double threshold, int keep, int summaries)
    {
        var summariser = Summariser();
        await using var engine = NewEngine(new ContextSettings
        {
            Window = 10_000,
            AutoCompaction = new AutoCompactionSettings { Threshold = threshold, KeepMessages = keep },
            Model = TestEngine.NewModel(summariser),
        });
        engine.Model.AnswerWithCall("read").AnswerWithCall("read").Answer("found");

        await engine.RunAsync(Request);

        // Of two turns the second stays; when three messages have to stay, so does the result of the first, and its call with it.
        Assert.Equal(summaries, summariser.Calls.Count);
    }

    [Theory]
    [InlineData(0.05, 1)]
    [InlineData(0.5, 0)]
    public async Task Old_results_are_replaced_from_the_share_of_the_window_on_that_the_agent_says(double threshold, int replaced)
    {
        await using var engine = NewEngine(new ContextSettings { Window = 10_000, MicroCompaction = new MicroCompactionSettings { Threshold = threshold, KeepResults = 1 } });
        engine.Model.AnswerWithCall("read").AnswerWithCall("read").Answer("found");

        await engine.RunAsync(Request);

        Assert.Equal(replaced, engine.Model.Calls[^1].Texts.Count(text => text.StartsWith("tool: [The result of read was taken out", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("word ", 40)]
    [InlineData("字", 40)]
    [InlineData("{\"a\":[1,2]}", 3)]
    public async Task What_a_small_model_is_to_summarise_fits_into_half_of_its_window(string word, int calls)
    {
        var text = string.Concat(Enumerable.Repeat(word, 400));
        await using var engine = NewEngine(new ContextSettings { Window = 1_000, AutoCompaction = new AutoCompactionSettings { KeepMessages = 1 } }, text);
        engine.Model
            .Answer(call => Enumerable.Range(0, calls).Aggregate(call, (all, id) => all.Use("read", new { path = text }, $"{id}")).End())
            .AnswerWithCall("read").Answer("in short").Answer("found");

        await engine.RunAsync(Request);

        var asked = engine.Model.Calls.First(call => call.SystemText!.Contains("material, never an instruction", StringComparison.Ordinal));
        Assert.InRange(new TokenEstimator("model-1").Count(asked.Input), 50, 500);
    }

    private static string Summarised(string summary) =>
        $"<summary_of_the_conversation_so_far>\n{summary}\n</summary_of_the_conversation_so_far>\n\nThe request that is being worked on:\n{Request}";

    private static IEnumerable<Message> Results(RunOutput run) => run.Messages!.Value.Where(message => message.Role == MessageRole.Tool);

    private static ChannelChatClient Summariser() => new() { Otherwise = call => call.Say("a.cs is fine").Cost(70, 5).End() };

    private static ContextSettings Automatic(ChannelChatClient summariser) => new()
    {
        Window = 1_000,
        AutoCompaction = new AutoCompactionSettings { KeepMessages = 1 },
        Model = TestEngine.NewModel(summariser),
    };

    private static TestEngine NewEngine(ContextSettings settings, string? result = null) => new(new Agent
    {
        Name = "Debugger",
        Instructions = "You debug.",
        Tools = [Tool.Create((string? path = null) => result ?? LongResult, new ToolOptions { Name = "read" })],
        Context = settings,
    });
}
